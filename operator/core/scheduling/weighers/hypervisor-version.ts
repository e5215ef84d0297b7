import { NO_ARGS, type NoArgs } from '../args.ts';
import { numberColumn } from '../columns.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

const versions = numberColumn((host) => host.hypervisorVersion ?? 0);

/**
 * Nova's HypervisorVersionWeigher: the newest hypervisor is the best; unknown is older than any. Arguments: none.
 * Nova's option: hypervisor_version_weight_multiplier (1.0).
 */
export const hypervisorVersionWeigher: Weigher<NoArgs> = {
  name: 'HypervisorVersionWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('hypervisor_version_weight_multiplier'),
  defaults: NO_ARGS,
  prepare(_request, fleet) {
    const version = fleet.column(versions);
    return { raw: (host) => version.values[host] ?? 0 };
  },
};
