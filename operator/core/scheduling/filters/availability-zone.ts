import { NO_ARGS, type NoArgs } from '../args.ts';
import { textColumn } from '../columns.ts';
import { NO_TEXT } from '../interner.ts';
import type { Filter } from './filter.ts';

const OTHER_ZONE = 1;
const NO_ZONE = 2;

/** Numbers of the hosts' zones in the fleet's texts. */
export const zones = textColumn((host) => host.availabilityZone);

/** Nova's availability zone: a request that names a zone goes to a host of that zone. Arguments: none. */
export const availabilityZoneFilter: Filter<NoArgs> = {
  name: 'AvailabilityZoneFilter',
  reasons: [
    { code: 'OtherZone', label: 'other zone' },
    { code: 'NoZone', label: 'no zone' },
  ],
  defaults: NO_ARGS,
  settled: true,
  prepare(request, fleet) {
    if (request.availabilityZone === undefined) return 'skip';
    const zone = fleet.column(zones);
    const wanted = fleet.texts.lookUp(request.availabilityZone);
    return {
      check(host) {
        const number = zone.values[host];
        if (number === wanted) return 0;
        return number === NO_TEXT ? NO_ZONE : OTHER_ZONE;
      },
      detail: (host) => fleet.texts.text(zone.values[host] ?? NO_TEXT),
    };
  },
};
