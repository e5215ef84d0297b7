import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

/**
 * Nova's CPUWeigher: vcpus free, `total * ratio - used`; a positive multiplier spreads, a negative one stacks.
 * CPUs that are one guest's alone are taken off before the ratio.
 * Arguments: `countReserved` takes reserved CPUs off first, `(total - reserved) * ratio - used` (Nova does not: false).
 * Nova's option: cpu_weight_multiplier (1.0).
 */
export const cpuWeigher: Weigher<{ countReserved: boolean }> = {
  name: 'CPUWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('cpu_weight_multiplier'),
  defaults: { countReserved: false },
  prepare(_request, fleet, { countReserved }) {
    const { total, reserved, used, allocationRatio } = fleet.vcpus;
    const counted = countReserved ? 1 : 0;
    const dedicated = fleet.dedicatedCpus;
    return {
      minval: 0,
      raw: (host) =>
        ((total[host] ?? 0) - counted * (reserved[host] ?? 0) - (dedicated[host] ?? 0)) *
          (allocationRatio[host] ?? 0) -
        (used[host] ?? 0),
    };
  },
};
