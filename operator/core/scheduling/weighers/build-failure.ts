import { NO_ARGS, type NoArgs } from '../args.ts';
import { numberColumn } from '../columns.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

const failures = numberColumn((host) => host.failedBuilds ?? 0);

/**
 * Nova's BuildFailureWeigher: builds that failed on the host of late. Its option is how much worse such a host is, and
 * the multiplier is the option's negative: a profile's multiplier and the aggregates' values are written as the option.
 * Arguments: none. Nova's option: build_failure_weight_multiplier (1000000.0).
 */
export const buildFailureWeigher: Weigher<NoArgs> = {
  name: 'BuildFailureWeigher',
  multiplier: 1_000_000,
  negated: true,
  multipliers: aggregateMultiplier('build_failure_weight_multiplier', -1),
  defaults: NO_ARGS,
  prepare(_request, fleet) {
    const counts = fleet.column(failures);
    return { raw: (host) => counts.values[host] ?? 0 };
  },
};
