import type { Fleet } from '../fleet.ts';
import type { Filter } from './filter.ts';

/**
 * Nova's IsolatedHostsFilter: isolated images run on isolated hosts alone, and with
 * `restrictIsolatedHostsToIsolatedImages` nothing else runs there.
 * Arguments, named as Nova's options: `isolatedHosts` ([]) and `isolatedImages` ([]), names and ids;
 * `restrictIsolatedHostsToIsolatedImages` (true).
 */
export const isolatedHostsFilter: Filter<{
  isolatedHosts: readonly string[];
  isolatedImages: readonly string[];
  restrictIsolatedHostsToIsolatedImages: boolean;
}> = {
  name: 'IsolatedHostsFilter',
  reasons: [
    { code: 'HostIsolated', label: 'kept for isolated images' },
    { code: 'HostNotIsolated', label: 'not for isolated images' },
  ],
  defaults: { isolatedHosts: [], isolatedImages: [], restrictIsolatedHostsToIsolatedImages: true },
  prepare(
    { image },
    fleet,
    { isolatedHosts, isolatedImages, restrictIsolatedHostsToIsolatedImages: restrict },
  ) {
    const isIsolated = image !== undefined && isolatedImages.includes(image.id);
    if (!isIsolated && (!restrict || isolatedHosts.length === 0)) return 'skip';
    const hosts = indicesOf(isolatedHosts, fleet);
    if (isIsolated) return { check: (host) => (hosts.has(host) ? 0 : 2) };
    return { check: (host) => (hosts.has(host) ? 1 : 0) };
  },
};

function indicesOf(names: readonly string[], fleet: Fleet): ReadonlySet<number> {
  return new Set(names.flatMap((name) => fleet.indexOf(name) ?? []));
}
