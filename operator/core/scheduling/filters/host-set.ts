import type { Fleet } from '../fleet.ts';

/** The indices of those named hosts that the fleet has. */
export function hostSet(names: readonly string[] | undefined, fleet: Fleet): ReadonlySet<number> {
  const hosts = (names ?? []).map((name) => fleet.indexOf(name)).filter((host) => host !== undefined);
  return new Set(hosts);
}
