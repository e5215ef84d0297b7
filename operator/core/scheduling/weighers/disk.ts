import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

const MIB_PER_GIB = 1024;

/**
 * Nova's DiskWeigher: free disk in MiB (free_disk_mb), no ratio applied; a positive multiplier spreads.
 * Arguments: `countReserved` takes reserved disk off first (false: free_disk_mb is what instances leave).
 * Nova's option: disk_weight_multiplier (1.0).
 */
export const diskWeigher: Weigher<{ countReserved: boolean }> = {
  name: 'DiskWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('disk_weight_multiplier'),
  defaults: { countReserved: false },
  prepare(_request, fleet, { countReserved }) {
    const { total, reserved, used } = fleet.diskGiB;
    const counted = countReserved ? 1 : 0;
    return {
      minval: 0,
      raw: (host) => ((total[host] ?? 0) - counted * (reserved[host] ?? 0) - (used[host] ?? 0)) * MIB_PER_GIB,
    };
  },
};
