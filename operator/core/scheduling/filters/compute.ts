import { NO_ARGS, type NoArgs } from '../args.ts';
import { numberColumn, valueColumn } from '../columns.ts';
import type { Filter } from './filter.ts';

const DOWN = 1;
const DISABLED = 2;
const MAINTENANCE = 3;

/** The reasons' places; down goes first, since nobody can undo it by a switch. */
const refusals = numberColumn(({ up, disabled, maintenance }) => {
  if (!up) return DOWN;
  if (maintenance) return MAINTENANCE;
  return disabled ? DISABLED : 0;
});
const details = valueColumn(({ up, downReason, maintenance, disabledReason }) => {
  if (!up) return downReason;
  return maintenance ? maintenance.reason : disabledReason;
});

/** Nova's ComputeFilter: a host that is down, disabled or in maintenance gets nothing new. Arguments: none. */
export const computeFilter: Filter<NoArgs> = {
  name: 'ComputeFilter',
  reasons: [
    { code: 'Down', label: 'down' },
    { code: 'Disabled', label: 'disabled' },
    { code: 'Maintenance', label: 'in maintenance' },
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
