import { parseBytes } from '#core/quantity.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';

/** CDI's configuration as it is in force: one object, made by CDI. */
export const CDI_CONFIG: Resource = {
  group: 'cdi.kubevirt.io',
  version: 'v1beta1',
  plural: 'cdiconfigs',
  kind: 'CDIConfig',
  namespaced: false,
};
export const CDI_CONFIG_KEY = 'config';

export interface CdiConfig extends KubeObject {
  status?: { filesystemOverhead?: { global?: string; storageClass?: Record<string, string> } };
}

/** What of a PersistentVolumeClaim says how large a disk it holds. */
export interface SizedClaim extends KubeObject {
  spec: {
    storageClassName?: string;
    volumeMode?: string;
    resources?: { requests?: { storage?: string } };
  };
  status?: { capacity?: { storage?: string } };
}

/** CDI's own default (pkg/common, DefaultGlobalOverhead). */
const USUAL_SHARE = 0.06;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Of a MiB: what is lost in reckoning with fractions. */
const NOTHING = 0.001;

/**
 * The share of a claim's volume that its file system takes, by CDI's configuration: CDI asks for that much more than the disk needs. 0 of a
 * block device. Source: containerized-data-importer doc/cdi-config.md, filesystemOverhead.
 */
export function fileSystemShare(config: CdiConfig | undefined, { spec }: SizedClaim): number {
  if (spec.volumeMode === 'Block') return 0;
  const { global, storageClass } = config?.status?.filesystemOverhead ?? {};
  const said = Number(storageClass?.[spec.storageClassName ?? ''] ?? global ?? USUAL_SHARE);
  return said >= 0 && said < 1 ? said : USUAL_SHARE;
}

/** Bytes to claim for a disk of so many GiB, in whole MiB. */
export const claimBytesFor = (diskGiB: number, share: number): number =>
  Math.ceil((diskGiB * GIB) / (1 - share) / MIB - NOTHING) * MIB;

/** GiB of disk that a claim of so many bytes holds. */
export const diskGiBIn = (claimBytes: number, share: number): number =>
  (Math.floor((claimBytes * (1 - share)) / MIB + NOTHING) * MIB) / GIB;

/**
 * GiB of the disk that a claim holds. One that CDI made holds what was asked for, whatever it was given: KubeVirt grows a disk to the lesser
 * of both (pkg/storage/types, GetDiskCapacity).
 */
export function diskGiBOf(claim: SizedClaim, share: number): number {
  const asked = claim.spec.resources?.requests?.storage;
  const has = claim.status?.capacity?.storage;
  const madeByCdi = claim.metadata.ownerReferences?.some(({ kind }) => kind === 'DataVolume');
  const claimed = madeByCdi ? (asked ?? has) : (has ?? asked);
  return diskGiBIn(parseBytes(claimed ?? '0', 'down'), share);
}
