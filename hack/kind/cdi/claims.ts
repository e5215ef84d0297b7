import type { Claim, DataVolume, Volume } from './kinds.ts';

const MIB = 2 ** 20;
/** The share of a filesystem volume that CDI adds for the filesystem itself. */
const OVERHEAD = 0.06;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: MIB,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity in bytes. */
export function bytesOf(quantity: string): number {
  const [, number = '0', unit = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Math.ceil(Number(number) * (UNITS[unit] ?? Number.NaN));
}

/** How large the guest is to see the disk, in bytes. */
export const diskBytes = ({ spec }: DataVolume): number =>
  bytesOf((spec.storage ?? spec.pvc)?.resources?.requests?.storage ?? '0');

/** The claim that CDI makes of a DataVolume, in a class that several nodes share. */
export function claimOf(dataVolume: DataVolume): object {
  const { name, namespace, uid, labels, annotations } = dataVolume.metadata;
  const asked = dataVolume.spec.storage ?? dataVolume.spec.pvc ?? {};
  const size = dataVolume.spec.storage ? diskBytes(dataVolume) / (1 - OVERHEAD) : diskBytes(dataVolume);
  const owner = { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', name, uid };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      labels: { app: 'containerized-data-importer', ...labels },
      annotations,
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      accessModes: asked.accessModes ?? ['ReadWriteMany'],
      volumeMode: asked.volumeMode ?? 'Filesystem',
      ...(asked.storageClassName && { storageClassName: asked.storageClassName }),
      resources: { requests: { storage: `${Math.ceil(size)}` } },
    },
  };
}

export const volumeName = (claim: Claim): string => `pvc-${claim.metadata.uid}`;

/** The volume for a claim: a folder of those that all nodes have. */
export function volumeOf(claim: Claim, folder: string): object {
  const { name, namespace, uid } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName(claim) },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.storage },
      accessModes: claim.spec.accessModes,
      volumeMode: 'Filesystem',
      storageClassName: claim.spec.storageClassName,
      persistentVolumeReclaimPolicy: 'Retain', // by Kubernetes; the stand-in removes them
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      hostPath: { path: `${folder}/${volumeName(claim)}`, type: 'Directory' },
    },
  };
}

/** Does it wait for a volume that can be made here? */
export const wantsVolume = (claim: Claim, storageClasses: readonly string[]): boolean =>
  storageClasses.includes(claim.spec.storageClassName ?? '') &&
  claim.spec.volumeMode !== 'Block' &&
  !claim.spec.volumeName &&
  !claim.metadata.deletionTimestamp;

/** Does it ask for more than its volume has? */
export const wantsMore = (claim: Claim, volume: Volume | undefined): boolean =>
  volume !== undefined &&
  bytesOf(claim.spec.resources?.requests?.storage ?? '0') >
    Math.min(bytesOf(volume.spec.capacity.storage), bytesOf(claim.status?.capacity?.storage ?? '0'));
