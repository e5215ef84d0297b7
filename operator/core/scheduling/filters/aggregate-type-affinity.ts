import { NO_ARGS, type NoArgs } from '../args.ts';
import { aggregateValues, valueColumn } from '../columns.ts';
import type { HostState } from '../host-state.ts';
import { strip } from '../python-text.ts';
import type { Filter } from './filter.ts';

const flavors = valueColumn(flavorsOf);

/**
 * Nova's AggregateTypeAffinityFilter: a host whose aggregates name flavors, in comma lists under `instance_type`, takes
 * none but those. Arguments: none.
 */
export const aggregateTypeAffinityFilter: Filter<NoArgs> = {
  name: 'AggregateTypeAffinityFilter',
  reasons: [{ code: 'OtherFlavors', label: 'kept for other flavors' }],
  defaults: NO_ARGS,
  settled: true,
  prepare({ flavor }, fleet) {
    if (flavor === undefined) return 'skip';
    const allowed = fleet.column(flavors);
    return { check: (host) => (allowed.values[host]?.has(flavor.name) === false ? 1 : 0) };
  },
};

/** Undefined: all flavors. */
function flavorsOf({ aggregates }: HostState): ReadonlySet<string> | undefined {
  const lists = aggregateValues(aggregates, 'instance_type');
  return lists.length === 0 ? undefined : new Set(lists.flatMap((list) => list.split(',').map(strip)));
}
