import { NO_ARGS, type NoArgs } from '../args.ts';
import { valueColumn } from '../columns.ts';
import type { HostState } from '../host-state.ts';
import { aggregateTexts } from './aggregate-texts.ts';
import type { Filter } from './filter.ts';

const KEY_PREFIX = 'filter_tenant_id';

const tenants = valueColumn(tenantsOf);

/**
 * Nova's AggregateMultiTenancyIsolation: a host whose aggregates name tenants, in comma lists under any key that starts
 * with `filter_tenant_id`, is theirs alone. A tenant is a namespace. Arguments: none.
 */
export const aggregateMultiTenancyIsolation: Filter<NoArgs> = {
  name: 'AggregateMultiTenancyIsolation',
  reasons: [{ code: 'OtherTenants', label: 'kept for other tenants' }],
  defaults: NO_ARGS,
  settled: true,
  prepare({ namespace }, fleet) {
    const allowed = fleet.column(tenants);
    return {
      check(host) {
        const only = allowed.values[host];
        return only === undefined || (namespace !== undefined && only.has(namespace)) ? 0 : 1;
      },
    };
  },
};

/** Undefined: all tenants. */
function tenantsOf({ aggregates }: HostState): ReadonlySet<string> | undefined {
  const named = [...aggregateTexts(aggregates)].filter(([key]) => key.startsWith(KEY_PREFIX));
  return named.length === 0 ? undefined : new Set(named.flatMap(([, texts]) => [...texts]));
}
