import type { KubeObject, Resource } from '#runtime/resource.ts';

/** Multus' networks, by the standard of the Network Plumbing Working Group. */
export const NETWORK_DEFINITION: Resource = {
  group: 'k8s.cni.cncf.io',
  version: 'v1',
  plural: 'network-attachment-definitions',
  kind: 'NetworkAttachmentDefinition',
  namespaced: true,
};

/** That there is one is all that is asked. */
export function bareObject({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      uid,
      resourceVersion,
      creationTimestamp,
      ...(namespace !== undefined && { namespace }),
    },
  };
}
