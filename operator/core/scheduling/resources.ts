/**
 * What an Instance holds of its node. Whole numbers: Nova counts in these units, and the ledger's sums stay exact.
 *
 * `overheadMiB` is the memory that KubeVirt's own processes need beside the guest; no allocation ratio scales it.
 * `diskGiB` counts only what lives on the node's own disk.
 */
export interface ClaimResources {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly overheadMiB: number;
  readonly diskGiB: number;
}

/** The ask of an Instance that already holds its claim: the start of a stopped one. */
export const NO_RESOURCES: ClaimResources = { vcpus: 0, memoryMiB: 0, overheadMiB: 0, diskGiB: 0 };

export function addResources(a: ClaimResources, b: ClaimResources): ClaimResources {
  return {
    vcpus: a.vcpus + b.vcpus,
    memoryMiB: a.memoryMiB + b.memoryMiB,
    overheadMiB: a.overheadMiB + b.overheadMiB,
    diskGiB: a.diskGiB + b.diskGiB,
  };
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
    a.diskGiB === b.diskGiB
  );
}
