import { SELECTED_NODE_ANNOTATION, STORAGE_CLASS } from '#adapters/kubernetes/storage.ts';
import { REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { claimOfDisk, type DiskClaim, ROOT } from '#core/lifecycle/disk-record.ts';
import { parseBytes } from '#core/quantity.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { KubeObject, Manifest } from '#runtime/resource.ts';
import { guestMetadata } from './manifests.ts';
import { blankVolumeMetadata } from './plugged-volumes.ts';
import { PVC, type VolumeClaim } from './root-volume.ts';

/** CDI copies by pods of its own, also where its storage could clone: that would be on the same node (pkg/controller/clone). */
const CLONE_TYPE_ANNOTATION = 'cdi.kubevirt.io/cloneType';

/**
 * A DataVolume as large as a disk is, of its StorageClass and modes: empty, or CDI's clone of it. Where a volume waits for its first consumer the node
 * is said in advance, as kube-scheduler does: so it is there, or is known not to be, before anything is asked of the guest. Of a volume
 * it bears the same marks: it outlives the Instance if that is what it is by then.
 */
export async function copyOfDisk(
  client: KubeClient,
  instance: Instance,
  { name, claimName, nodeName, isFull }: DiskClaim & { nodeName: string; isFull?: true },
  requestId: string,
): Promise<Manifest & object> {
  const { namespace } = instance.metadata;
  const source = claimOfDisk(instance, name);
  const { spec, status } = await client.get<VolumeClaim>(PVC, `${namespace}/${source}`);
  const { accessModes, volumeMode, storageClassName } = spec;
  const metadata =
    name === ROOT
      ? guestMetadata(instance, claimName, requestId)
      : blankVolumeMetadata(instance, { name, claimName, requestId });
  const annotations = {
    ...metadata.annotations,
    [REQUEST_ID_ANNOTATION]: requestId,
    ...(isFull && { [CLONE_TYPE_ANNOTATION]: 'copy' }),
    ...((await awaitsConsumer(client, storageClassName)) && { [SELECTED_NODE_ANNOTATION]: nodeName }),
  };
  const storage = largest(spec.resources?.requests?.storage, status?.capacity?.storage);
  return {
    metadata: { ...metadata, annotations },
    spec: {
      source: isFull ? { pvc: { namespace, name: source } } : { blank: {} },
      pvc: { accessModes, volumeMode, storageClassName, resources: { requests: { storage } } },
    },
  };
}

/** What it asks for, or has by now if that is more. */
function largest(asked = '0', has = '0'): string {
  return parseBytes(has, 'up') > parseBytes(asked, 'up') ? has : asked;
}

async function awaitsConsumer(client: KubeClient, name: string | undefined): Promise<boolean> {
  if (!name) return false;
  const found = await client.get<KubeObject & { volumeBindingMode?: string }>(STORAGE_CLASS, name);
  return found.volumeBindingMode === 'WaitForFirstConsumer';
}
