import { ATTACHED_TO_ANNOTATION, INSTANCE_LABEL, INSTANCE_UID_LABEL, VOLUME_LABEL } from '#api/constants.ts';
import type { Topologies } from '#core/placement/volumes.ts';
import type { NodeSelector } from '#core/scheduling/node-selector.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';

/** Storage as the controllers see it: where volumes are, and will be. There are as many as guests: no more is kept. */
export interface PersistentVolume extends KubeObject {
  spec: { nodeAffinity?: { required?: { nodeSelectorTerms: NodeSelector } } };
}

export interface PersistentVolumeClaim extends KubeObject {
  spec: { volumeName?: string; storageClassName?: string; accessModes?: string[] };
}

export interface StorageClass extends KubeObject {
  allowedTopologies?: Topologies;
}

export const PERSISTENT_VOLUME: Resource = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
};
export const PERSISTENT_VOLUME_CLAIM: Resource = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
};
export const STORAGE_CLASS: Resource = {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
};

export const SELECTED_NODE_ANNOTATION = 'volume.kubernetes.io/selected-node';
/** CDI's default, for volumes of virtual machines, goes before Kubernetes' own. */
const DEFAULT_ANNOTATIONS = [
  'storageclass.kubevirt.io/is-default-virt-class',
  'storageclass.kubernetes.io/is-default-class',
] as const;

/** What of an object's metadata is needed to keep it, and of its labels and annotations these. */
function bareMetadata(
  { metadata }: KubeObject,
  { annotations = [], labels = [] }: { annotations?: readonly string[]; labels?: readonly string[] } = {},
): KubeObject['metadata'] {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata;
  const [keptAnnotations, keptLabels] = [
    some(metadata.annotations, annotations),
    some(metadata.labels, labels),
  ];
  return {
    name,
    uid,
    resourceVersion,
    creationTimestamp,
    ...(namespace !== undefined && { namespace }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(keptAnnotations && { annotations: keptAnnotations }),
    ...(keptLabels && { labels: keptLabels }),
  };
}

function some(texts: Record<string, string> | undefined, keys: readonly string[]) {
  const kept = keys.flatMap((key) => (texts?.[key] === undefined ? [] : [[key, texts[key]] as const]));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

export function slimVolume(volume: PersistentVolume): PersistentVolume {
  const { apiVersion, kind, spec } = volume;
  const { nodeAffinity } = spec;
  return {
    apiVersion,
    kind,
    metadata: bareMetadata(volume),
    spec: { ...(nodeAffinity && { nodeAffinity }) },
  };
}

export function slimVolumeClaim(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const { apiVersion, kind, spec } = claim;
  const { volumeName, storageClassName, accessModes } = spec;
  return {
    apiVersion,
    kind,
    metadata: bareMetadata(claim, {
      annotations: [SELECTED_NODE_ANNOTATION, ATTACHED_TO_ANNOTATION],
      labels: [INSTANCE_LABEL, INSTANCE_UID_LABEL, VOLUME_LABEL],
    }),
    spec: {
      ...(volumeName && { volumeName }),
      ...(storageClassName && { storageClassName }),
      ...(accessModes && { accessModes }),
    },
  };
}

export function slimStorageClass(storageClass: StorageClass): StorageClass {
  const { apiVersion, kind, allowedTopologies } = storageClass;
  return {
    apiVersion,
    kind,
    metadata: bareMetadata(storageClass, { annotations: DEFAULT_ANNOTATIONS }),
    ...(allowedTopologies && { allowedTopologies }),
  };
}

/** The class of volumes that name none: the newest of those marked, as Kubernetes has it. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  for (const annotation of DEFAULT_ANNOTATIONS) {
    const marked = classes.filter(({ metadata }) => metadata.annotations?.[annotation] === 'true');
    const newest = marked.toSorted((a, b) => (age(a) < age(b) ? 1 : -1))[0];
    if (newest) return newest;
  }
  return undefined;
}

const age = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? '';
