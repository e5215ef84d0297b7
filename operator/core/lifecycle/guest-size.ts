import type { FlavorSpec } from '#api/flavor.ts';
import type { InstanceSpec, InstanceStatus } from '#api/instance.ts';
import {
  badExtraSpec,
  type DeviceAliases,
  devicesOf,
  featuresOf,
  pagesName,
} from '../flavors/guest-features.ts';
import { parseGiB, parseMiB } from '../quantity.ts';
import { memoryOverheadMiB, sidecarsMiB } from '../scheduling/overhead.ts';
import type { ClaimResources } from '../scheduling/resources.ts';

export type BuiltFlavor = NonNullable<InstanceStatus['flavor']>;

/** A Flavor in the units that guests are built in: sizes are rounded up, so that a guest never gets less. */
export function builtFlavor(name: string, spec: FlavorSpec, aliases: DeviceAliases): BuiltFlavor {
  const devices = devicesOf(spec.extraSpecs, aliases);
  return {
    name,
    vcpus: spec.vcpus,
    memoryMiB: parseMiB(spec.memory, 'up'),
    rootDiskGiB: parseGiB(spec.rootDisk, 'up'),
    ephemeralDiskGiB: parseGiB(spec.ephemeralDisk, 'up'),
    swapMiB: parseMiB(spec.swap, 'up'),
    ...(spec.extraSpecs && { extraSpecs: spec.extraSpecs }),
    ...(devices && { devices: { ...devices } }),
  };
}

/**
 * What a guest takes of its node. A persistent root is a volume: only what lives on the node's disk is claimed. CPUs that are its
 * own, and the memory that goes with them, are real ones, which no ratio scales; huge pages are set aside from memory (ADR 0032).
 */
export function resourcesOf(
  flavor: BuiltFlavor,
  spec: Pick<InstanceSpec, 'rootDisk'>,
  memoryRatio: number,
): ClaimResources {
  const { vcpus, memoryMiB, devices } = flavor;
  const { dedicatedCpus, pageMiB } = featuresOf(flavor.extraSpecs);
  const rootGiB = spec.rootDisk.ephemeral ? flavor.rootDiskGiB : 0;
  const isWhole = dedicatedCpus || pageMiB !== undefined;
  const kubevirtMiB =
    memoryOverheadMiB(isWhole ? memoryMiB : Math.ceil(memoryMiB / memoryRatio), vcpus, {
      dedicatedCpus,
      passthrough: devices !== undefined,
    }) + sidecarsMiB({ ...spec.rootDisk, dedicatedCpus });
  return {
    vcpus: dedicatedCpus ? 0 : vcpus,
    memoryMiB: isWhole ? 0 : memoryMiB,
    overheadMiB: kubevirtMiB + (isWhole && pageMiB === undefined ? memoryMiB : 0),
    diskGiB: rootGiB + flavor.ephemeralDiskGiB + Math.ceil(flavor.swapMiB / 1024),
    ...(dedicatedCpus && { dedicatedCpus: vcpus }),
    ...(devices && { devices }),
    ...(pageMiB !== undefined && { hugepages: { [pagesName(pageMiB)]: Math.ceil(memoryMiB / pageMiB) } }),
  };
}

/** Why a spec and its Flavor do not go together; undefined when they do. */
export function mismatch(flavor: BuiltFlavor, spec: InstanceSpec): string | undefined {
  const bad = badExtraSpec(flavor.extraSpecs);
  if (bad !== undefined)
    return `Flavor ${flavor.name}, extraSpecs: ${bad}: create a Flavor with the right value, and an Instance with that`;
  if (spec.rootDisk.ephemeral || flavor.rootDiskGiB > 0) return undefined;
  return `Flavor ${flavor.name} has rootDisk 0, which only an ephemeral root can have: choose a Flavor with a size, or set rootDisk.ephemeral: true`;
}
