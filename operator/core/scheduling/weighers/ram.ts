import { NO_ARGS, type NoArgs } from '../args.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

/**
 * Nova's RAMWeigher: free memory in MiB, no ratio applied; a positive multiplier spreads, a negative one stacks.
 * KubeVirt's overhead is memory in use, as the hypervisor's own is in Nova's free_ram_mb.
 * Arguments: none. Nova's option: ram_weight_multiplier (1.0).
 */
export const ramWeigher: Weigher<NoArgs> = {
  name: 'RAMWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('ram_weight_multiplier'),
  defaults: NO_ARGS,
  prepare(_request, fleet) {
    const { total, reserved, used } = fleet.memoryMiB;
    const overhead = fleet.overheadMiB;
    return {
      minval: 0,
      raw: (host) => (total[host] ?? 0) - (reserved[host] ?? 0) - (used[host] ?? 0) - (overhead[host] ?? 0),
    };
  },
};
