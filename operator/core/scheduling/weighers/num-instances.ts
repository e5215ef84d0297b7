import { NO_ARGS, type NoArgs } from '../args.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

/**
 * Nova's NumInstancesWeigher: the Instances on the host; a positive multiplier stacks, a negative one spreads.
 * Arguments: none. Nova's option: num_instances_weight_multiplier (0.0).
 */
export const numInstancesWeigher: Weigher<NoArgs> = {
  name: 'NumInstancesWeigher',
  multiplier: 0,
  multipliers: aggregateMultiplier('num_instances_weight_multiplier'),
  defaults: NO_ARGS,
  prepare(_request, fleet) {
    const counts = fleet.numInstances;
    return { raw: (host) => counts[host] ?? 0 };
  },
};
