import { NO_ARGS, type NoArgs } from '../args.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

/**
 * Nova's IoOpsWeigher: Instances being built, resized, migrated or snapshotted; the negative multiplier prefers hosts
 * that have few. Arguments: none. Nova's option: io_ops_weight_multiplier (-1.0).
 */
export const ioOpsWeigher: Weigher<NoArgs> = {
  name: 'IoOpsWeigher',
  multiplier: -1,
  multipliers: aggregateMultiplier('io_ops_weight_multiplier'),
  defaults: NO_ARGS,
  prepare(_request, fleet) {
    const counts = fleet.numIoOps;
    return { minval: 0, raw: (host) => counts[host] ?? 0 };
  },
};
