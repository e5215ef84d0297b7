import type { Instance } from '#api/instance.ts';
import { rootClaimOf } from '#core/lifecycle/disk-record.ts';
import type { RootVolume } from '#core/lifecycle/move-volume.ts';
import { formatBytes, parseBytes } from '#core/quantity.ts';
import type { KubeClient } from '#runtime/client.ts';
import { unlessMissing } from '#runtime/errors.ts';
import { type Key, type KubeObject, keyOf, type Resource } from '#runtime/resource.ts';
import {
  CDI_CONFIG,
  CDI_CONFIG_KEY,
  type CdiConfig,
  claimBytesFor,
  diskGiBIn,
  diskGiBOf,
  fileSystemShare,
} from './disk-room.ts';

export interface VolumeClaim extends KubeObject {
  spec: {
    volumeName?: string;
    storageClassName?: string;
    accessModes?: string[];
    volumeMode?: string;
    resources?: { requests?: { storage?: string } };
  };
  status?: {
    phase?: string;
    capacity?: { storage?: string };
    conditions?: { type: string; status: string }[];
  };
}

interface Volume extends KubeObject {
  spec: { nodeAffinity?: { required?: { nodeSelectorTerms: { matchExpressions?: Requirement[] }[] } } };
}

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

const core = (plural: string, kind: string, namespaced: boolean): Resource => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});
export const PVC = core('persistentvolumeclaims', 'PersistentVolumeClaim', true);
const PV = core('persistentvolumes', 'PersistentVolume', false);
const STORAGE_CLASS: Resource = {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
};

export const claimKey = (instance: Instance): Key =>
  `${instance.metadata.namespace}/${rootClaimOf(instance)}`;

/** The root disk's PersistentVolumeClaim, with what its volume and StorageClass say. CDI gives it the DataVolume's name. */
export async function rootVolume(client: KubeClient, instance: Instance): Promise<RootVolume | undefined> {
  if (instance.spec.rootDisk.ephemeral) return undefined;
  const find = async <T extends KubeObject>(resource: Resource, key: Key | undefined) =>
    key === undefined ? undefined : unlessMissing(client.get<T>(resource, key));
  const claim = await find<VolumeClaim>(PVC, claimKey(instance));
  if (!claim) return undefined;
  const { volumeName, storageClassName } = claim.spec;
  const [volume, storageClass, share] = await Promise.all([
    find<Volume>(PV, volumeName),
    find<KubeObject & { allowVolumeExpansion?: boolean }>(STORAGE_CLASS, storageClassName),
    shareOf(client, claim),
  ]);
  return {
    sizeGiB: Math.floor(diskGiBOf(claim, share)),
    isBound: claim.status?.phase === 'Bound',
    storageClass: storageClassName ?? '',
    expandable: storageClass?.allowVolumeExpansion === true,
    onlyOn: nodesOf(volume),
  };
}

const HOST_NAME = 'kubernetes.io/hostname';

/** Of a volume on a node's own disk: the nodes by name. Zones and the like are the scheduler's to look at. */
function nodesOf(volume: Volume | undefined): string[] | undefined {
  const terms = volume?.spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const named = terms.map(({ matchExpressions = [] }) =>
    matchExpressions.find(({ key, operator }) => key === HOST_NAME && operator === 'In'),
  );
  if (named.length === 0 || named.includes(undefined)) return undefined;
  return named.flatMap((requirement) => requirement?.values ?? []);
}

/**
 * Asks for room for a root disk that is to be larger than its old Flavor's. True once it has grown, or needs nothing more than a pod that
 * mounts it. A disk that has the size, or is larger since a resize was reverted, is left alone.
 */
export async function growRootVolume(
  client: KubeClient,
  instance: Instance,
  sizeGiB: number,
): Promise<boolean> {
  const oldGiB = instance.status?.resize?.oldFlavor.rootDiskGiB ?? sizeGiB;
  if (instance.spec.rootDisk.ephemeral || sizeGiB <= oldGiB) return true;
  const claim = await unlessMissing(client.get<VolumeClaim>(PVC, claimKey(instance)));
  if (!claim) return true;
  const share = await shareOf(client, claim);
  const holds = (storage: string | undefined) =>
    diskGiBIn(parseBytes(storage ?? '0', 'down'), share) >= sizeGiB;
  const isAsked = holds(claim.spec.resources?.requests?.storage);
  if (isAsked && holds(claim.status?.capacity?.storage)) return true;
  if (claim.status?.phase !== 'Bound') return isAsked;
  const requests = { storage: formatBytes(claimBytesFor(sizeGiB, share)) };
  const asked = isAsked
    ? claim
    : await client.patch<VolumeClaim>(
        PVC,
        keyOf(claim),
        { spec: { resources: { requests } } },
        { type: 'merge' },
      );
  return (
    holds(asked.status?.capacity?.storage) ||
    (asked.status?.conditions ?? []).some(
      ({ type, status }) => type === 'FileSystemResizePending' && status === 'True',
    )
  );
}

const shareOf = async (client: KubeClient, claim: VolumeClaim): Promise<number> =>
  fileSystemShare(await unlessMissing(client.get<CdiConfig>(CDI_CONFIG, CDI_CONFIG_KEY)), claim);
