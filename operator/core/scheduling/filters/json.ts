import { NO_ARGS, type NoArgs } from '../args.ts';
import { HostAttributes } from '../host-attributes.ts';
import { parseQuery, type QueryAnswer } from '../json-query.ts';
import type { Filter } from './filter.ts';

const REASON: Readonly<Record<QueryAnswer, number>> = { holds: 0, fails: 1, malformed: 2 };

/**
 * Nova's JsonFilter: the hint `query` must hold of the host, whose attributes have the names of Nova's HostState
 * (`["and", [">=", "$free_ram_mb", 4096], ["=", "$hypervisor_type", "QEMU"]]`). Nova fails the request for a query that
 * it cannot read; here every host is turned away for it. Arguments: none.
 */
export const jsonFilter: Filter<NoArgs> = {
  name: 'JsonFilter',
  reasons: [
    { code: 'QueryFails', label: 'query does not hold' },
    { code: 'QueryMalformed', label: 'query cannot be read' },
  ],
  defaults: NO_ARGS,
  prepare({ query }, fleet) {
    if (query === undefined || query === '') return 'skip';
    const asked = parseQuery(query);
    const attributes = new HostAttributes(fleet);
    return { check: (host) => REASON[asked((name) => attributes.get(host, name))] };
  },
};
