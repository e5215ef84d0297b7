import { addCounts, type Counts, coversCounts, largestCounts, sameCounts } from './pools.ts';

/**
 * What an Instance holds of its node. Whole numbers: Nova counts in these units, and the ledger's sums stay exact.
 *
 * `overheadMiB` is memory that no allocation ratio scales: what KubeVirt's own processes need beside the guest, and the guest's
 * own where its CPUs are dedicated (ADR 0032). `diskGiB` counts only what lives on the node's own disk.
 */
export interface ClaimResources {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly overheadMiB: number;
  readonly diskGiB: number;
  /** CPUs that are the guest's alone, beside `vcpus`; no allocation ratio scales them. */
  readonly dedicatedCpus?: number | undefined;
  /** Devices passed through, by resource name. */
  readonly devices?: Counts | undefined;
  /** Pages, by resource name (`hugepages-2Mi`): the guest's memory, of which `memoryMiB` then has nothing. */
  readonly hugepages?: Counts | undefined;
}

/** The ask of an Instance that already holds its claim: the start of a stopped one. */
export const NO_RESOURCES: ClaimResources = { vcpus: 0, memoryMiB: 0, overheadMiB: 0, diskGiB: 0 };

export function addResources(a: ClaimResources, b: ClaimResources): ClaimResources {
  const sum = {
    vcpus: a.vcpus + b.vcpus,
    memoryMiB: a.memoryMiB + b.memoryMiB,
    overheadMiB: a.overheadMiB + b.overheadMiB,
    diskGiB: a.diskGiB + b.diskGiB,
  };
  const dedicatedCpus = (a.dedicatedCpus ?? 0) + (b.dedicatedCpus ?? 0);
  const devices = addCounts(a.devices, b.devices);
  const hugepages = addCounts(a.hugepages, b.hugepages);
  if (!dedicatedCpus && !devices && !hugepages) return sum;
  return resourcesIn({ ...sum, dedicatedCpus, devices, hugepages });
}

export function sumResources(all: Iterable<ClaimResources>): ClaimResources {
  let sum = NO_RESOURCES;
  for (const resources of all) sum = addResources(sum, resources);
  return sum;
}

export function sameResources(a: ClaimResources, b: ClaimResources): boolean {
  return (
    a.vcpus === b.vcpus &&
    a.memoryMiB === b.memoryMiB &&
    a.overheadMiB === b.overheadMiB &&
    a.diskGiB === b.diskGiB &&
    (a.dedicatedCpus ?? 0) === (b.dedicatedCpus ?? 0) &&
    sameCounts(a.devices, b.devices) &&
    sameCounts(a.hugepages, b.hugepages)
  );
}

/** The larger of both, each resource by itself. */
export function largestOf(a: ClaimResources, b: ClaimResources): ClaimResources {
  return resourcesIn({
    vcpus: Math.max(a.vcpus, b.vcpus),
    memoryMiB: Math.max(a.memoryMiB, b.memoryMiB),
    overheadMiB: Math.max(a.overheadMiB, b.overheadMiB),
    diskGiB: Math.max(a.diskGiB, b.diskGiB),
    dedicatedCpus: Math.max(a.dedicatedCpus ?? 0, b.dedicatedCpus ?? 0),
    devices: largestCounts(a.devices, b.devices),
    hugepages: largestCounts(a.hugepages, b.hugepages),
  });
}

/** Is what is held enough for what is asked? The overhead, which depends on the fleet of the time, does not count. */
export function covers(held: ClaimResources, asked: ClaimResources): boolean {
  return (
    held.vcpus >= asked.vcpus &&
    held.memoryMiB >= asked.memoryMiB &&
    held.diskGiB >= asked.diskGiB &&
    (held.dedicatedCpus ?? 0) >= (asked.dedicatedCpus ?? 0) &&
    coversCounts(held.devices, asked.devices) &&
    coversCounts(held.hugepages, asked.hugepages)
  );
}

/** A claim, or what else holds resources, with these in place of its own. */
export function withResources<T extends ClaimResources>(held: T, resources: ClaimResources): T {
  const { dedicatedCpus: _, devices: __, hugepages: ___, ...rest } = held;
  return { ...rest, ...resources } as T;
}

/** The resources of a claim, or of what else has them among other things; what is not held is left out. */
export function resourcesIn(held: ClaimResources): ClaimResources {
  const { vcpus, memoryMiB, overheadMiB, diskGiB, dedicatedCpus, devices, hugepages } = held;
  return {
    vcpus,
    memoryMiB,
    overheadMiB,
    diskGiB,
    ...(dedicatedCpus && { dedicatedCpus }),
    ...(devices && { devices }),
    ...(hugepages && { hugepages }),
  };
}
