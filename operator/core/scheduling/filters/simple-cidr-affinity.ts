import { NO_ARGS, type NoArgs } from '../args.ts';
import { valueColumn } from '../columns.ts';
import { inNetwork, parseAddress } from '../ip-network.ts';
import type { Filter } from './filter.ts';

const addresses = valueColumn(({ address }) => (address === undefined ? undefined : parseAddress(address)));

/**
 * Nova's SimpleCIDRAffinityFilter: a host whose address is in the network of the hints `build_near_host_ip` and `cidr`
 * ("/24" if absent). Nova fails the request for hints that make no network; here every host is turned away for them.
 * Arguments: none.
 */
export const simpleCidrAffinityFilter: Filter<NoArgs> = {
  name: 'SimpleCIDRAffinityFilter',
  reasons: [
    { code: 'OtherNetwork', label: 'in another network' },
    { code: 'NetworkMalformed', label: 'hinted network cannot be read' },
  ],
  defaults: NO_ARGS,
  prepare({ near }, fleet) {
    if (near === undefined || near.ip === '') return 'skip';
    const isNear = inNetwork(near.ip + (near.cidr ?? '/24'));
    if (!isNear) return { check: () => 2 };
    const { values } = fleet.column(addresses);
    return {
      check(host) {
        const address = values[host];
        return address !== undefined && isNear(address) ? 0 : 1;
      },
    };
  },
};
