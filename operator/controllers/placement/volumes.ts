import { attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import { defaultClass, SELECTED_NODE_ANNOTATION } from '#adapters/kubernetes/storage.ts';
import { rootDiskName } from '#adapters/kubevirt/manifests.ts';
import { claimNameOf } from '#adapters/kubevirt/plugged-volumes.ts';
import type { Instance } from '#api/instance.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import { type VolumeFacts, volumeSelectors } from '#core/placement/volumes.ts';
import type { NodeSelector } from '#core/scheduling/node-selector.ts';
import type { Caches } from '../caches.ts';

type StorageCaches = Pick<Caches, 'volumes' | 'volumeClaims' | 'storageClasses'>;

/** A volume by its claim; the class is asked for where there is none yet. */
interface Asked {
  claimName: string;
  storageClassName: string | undefined;
}

/**
 * Where an Instance's volumes let its guest run: each as it is or as it will be. The volume that an image is cloned from has no
 * say: kube-scheduler asks for the clone's place alone (ADR 0031). It does not ask for those that KubeVirt plugs at all: their
 * pods follow the guest (ADR 0065).
 */
export function volumesOf(caches: StorageCaches, instance: Instance): NodeSelector[] {
  const asked = [...rootDisk(instance), ...others(caches, instance)];
  return asked.length > 0 ? volumeSelectors(asked.map((it) => volumeFacts(caches, instance, it))) : [];
}

function rootDisk(instance: Instance): Asked[] {
  const { ephemeral, storageClassName } = instance.spec.rootDisk;
  return ephemeral ? [] : [{ claimName: rootDiskName(instance), storageClassName }];
}

/** Of an Instance that has been built, those that it has: one that waits to be attached must not draw it elsewhere. */
function others({ volumeClaims }: StorageCaches, instance: Instance): Asked[] {
  const { namespace, uid } = instance.metadata;
  const asked = (instance.spec.volumes ?? []).map((entry) => ({
    claimName: claimNameOf(instance, entry),
    storageClassName: entry.blank?.storageClassName,
  }));
  if (!isBuilt(instance) || instance.status?.shelved) return asked;
  return asked.filter(({ claimName }) => {
    const claim = volumeClaims.get(`${namespace}/${claimName}`);
    return claim && attachmentsOf(claim).some((it) => it.uid === uid);
  });
}

export function volumeFacts(
  { volumes, volumeClaims, storageClasses }: StorageCaches,
  instance: Instance,
  { claimName, storageClassName }: Asked,
): VolumeFacts {
  const found = volumeClaims.get(`${instance.metadata.namespace}/${claimName}`);
  const claim = found?.metadata.deletionTimestamp ? undefined : found;
  if (claim?.spec.volumeName) {
    const affinity = volumes.get(claim.spec.volumeName)?.spec.nodeAffinity?.required?.nodeSelectorTerms;
    return { bound: true, affinity };
  }
  const name = claim?.spec.storageClassName ?? storageClassName;
  const storageClass = name === undefined ? defaultClass(storageClasses.list()) : storageClasses.get(name);
  return {
    bound: false,
    selectedNode: claim?.metadata.annotations?.[SELECTED_NODE_ANNOTATION],
    topologies: storageClass?.allowedTopologies,
  };
}
