import { defaultClass, SELECTED_NODE_ANNOTATION } from '#adapters/kubernetes/storage.ts';
import { rootDiskName } from '#adapters/kubevirt/manifests.ts';
import type { Instance } from '#api/instance.ts';
import { type VolumeFacts, volumeSelectors } from '#core/placement/volumes.ts';
import type { NodeSelector } from '#core/scheduling/node-selector.ts';
import type { Caches } from '../caches.ts';

type StorageCaches = Pick<Caches, 'volumes' | 'volumeClaims' | 'storageClasses'>;

/**
 * Where an Instance's volumes let its guest run: its root disk, as it is or as it will be. The volume that an image is cloned
 * from has no say: kube-scheduler asks for the clone's place alone (ADR 0031).
 */
export function volumesOf(caches: StorageCaches, instance: Instance): NodeSelector[] {
  return instance.spec.rootDisk.ephemeral ? [] : volumeSelectors([rootDisk(caches, instance)]);
}

function rootDisk({ volumes, volumeClaims, storageClasses }: StorageCaches, instance: Instance): VolumeFacts {
  const found = volumeClaims.get(`${instance.metadata.namespace}/${rootDiskName(instance)}`);
  const claim = found?.metadata.deletionTimestamp ? undefined : found;
  if (claim?.spec.volumeName) {
    const affinity = volumes.get(claim.spec.volumeName)?.spec.nodeAffinity?.required?.nodeSelectorTerms;
    return { bound: true, affinity };
  }
  const name = claim?.spec.storageClassName ?? instance.spec.rootDisk.storageClassName;
  const storageClass = name === undefined ? defaultClass(storageClasses.list()) : storageClasses.get(name);
  return {
    bound: false,
    selectedNode: claim?.metadata.annotations?.[SELECTED_NODE_ANNOTATION],
    topologies: storageClass?.allowedTopologies,
  };
}
