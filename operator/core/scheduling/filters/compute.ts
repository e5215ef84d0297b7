import { NO_ARGS, type NoArgs } from '../args.ts';
import { numberColumn, valueColumn } from '../columns.ts';
import type { Filter } from './filter.ts';

const DOWN = 1;
const DISABLED = 2;

/** DOWN and DISABLED are the reasons' places; down goes before disabled, since nobody can undo it by a switch. */
const refusals = numberColumn((host) => (host.up ? (host.disabled ? DISABLED : 0) : DOWN));
const details = valueColumn((host) => (host.up ? host.disabledReason : host.downReason));

/** Nova's ComputeFilter: a host that is down or disabled gets nothing new. Arguments: none. */
export const computeFilter: Filter<NoArgs> = {
  name: 'ComputeFilter',
  reasons: [
    { code: 'Down', label: 'down' },
    { code: 'Disabled', label: 'disabled' },
  ],
  defaults: NO_ARGS,
  settled: true,
  prepare(_request, fleet) {
    const refusal = fleet.column(refusals);
    const detail = fleet.column(details);
    return {
      check: (host) => refusal.values[host] ?? DOWN,
      detail: (host) => detail.values[host],
    };
  },
};
