import type { FlavorSpec } from '#api/flavor.ts';
import type { InstanceSpec, InstanceStatus } from '#api/instance.ts';
import { parseGiB, parseMiB } from '../quantity.ts';
import { memoryOverheadMiB, sidecarsMiB } from '../scheduling/overhead.ts';
import type { ClaimResources } from '../scheduling/resources.ts';

export type BuiltFlavor = NonNullable<InstanceStatus['flavor']>;

/** A Flavor in the units that guests are built in: sizes are rounded up, so that a guest never gets less. */
export function builtFlavor(name: string, spec: FlavorSpec): BuiltFlavor {
  return {
    name,
    vcpus: spec.vcpus,
    memoryMiB: parseMiB(spec.memory, 'up'),
    rootDiskGiB: parseGiB(spec.rootDisk, 'up'),
    ephemeralDiskGiB: parseGiB(spec.ephemeralDisk, 'up'),
    swapMiB: parseMiB(spec.swap, 'up'),
    ...(spec.extraSpecs && { extraSpecs: spec.extraSpecs }),
  };
}

/** What a guest takes of its node. A persistent root is a volume: only what lives on the node's disk is claimed. */
export function resourcesOf(
  flavor: BuiltFlavor,
  spec: Pick<InstanceSpec, 'rootDisk'>,
  memoryRatio: number,
): ClaimResources {
  const rootGiB = spec.rootDisk.ephemeral ? flavor.rootDiskGiB : 0;
  return {
    vcpus: flavor.vcpus,
    memoryMiB: flavor.memoryMiB,
    overheadMiB:
      memoryOverheadMiB(Math.ceil(flavor.memoryMiB / memoryRatio), flavor.vcpus) + sidecarsMiB(spec.rootDisk),
    diskGiB: rootGiB + flavor.ephemeralDiskGiB + Math.ceil(flavor.swapMiB / 1024),
  };
}

/** Why a spec and its Flavor do not go together; undefined when they do. */
export function mismatch(flavor: BuiltFlavor, spec: InstanceSpec): string | undefined {
  if (spec.rootDisk.ephemeral || flavor.rootDiskGiB > 0) return undefined;
  return `Flavor ${flavor.name} has rootDisk 0, which only an ephemeral root can have: choose a Flavor with a size, or set rootDisk.ephemeral: true`;
}
