import { type FlavorCapacity, MOST_ZONES } from '#api/flavor.ts';
import { type BuiltFlavor, resourcesOf } from '../lifecycle/guest-size.ts';
import type { Capacity } from '../scheduling/capacity.ts';
import type { RequestSpec } from '../scheduling/request-spec.ts';

/**
 * What an Instance asks for of which nothing is known but its Flavor: any zone, no server group, no hints, no namespace
 * (so that hosts that are kept for some do not count). `memoryRatio` is the loosest of the fleet.
 */
export function bareRequest(
  flavor: BuiltFlavor,
  { ephemeralRoot, memoryRatio }: { ephemeralRoot: boolean; memoryRatio: number },
): RequestSpec {
  return {
    resources: resourcesOf(flavor, { rootDisk: { ephemeral: ephemeralRoot } }, memoryRatio),
    flavor: { name: flavor.name, extraSpecs: flavor.extraSpecs ?? {} },
  };
}

/** Both capacities of a Flavor as its status says them, zones by name. */
export function flavorCapacity(onVolume: Capacity, ephemeral: Capacity): FlavorCapacity {
  const names = [...onVolume.zones.keys()].sort().slice(0, MOST_ZONES);
  return {
    fits: onVolume.total,
    fitsEphemeralRoot: ephemeral.total,
    zones: names.map((name) => ({
      name,
      fits: onVolume.zones.get(name) ?? 0,
      fitsEphemeralRoot: ephemeral.zones.get(name) ?? 0,
    })),
  };
}
