import type { ResourceAmounts } from '#api/common.ts';
import type { ConditionDraft } from '../conditions.ts';
import { RESOURCE_NAMES } from './inventory.ts';

const UNITS = { vcpus: 'vCPUs', memoryMiB: 'MiB of memory', diskGiB: 'GiB of disk' } as const;

/** Whether more is claimed on a node than it has to give; `left` is below 0 where it is. */
export function withinCapacity(left: ResourceAmounts): ConditionDraft {
  const over = RESOURCE_NAMES.filter((name) => left[name] < 0);
  if (over.length === 0)
    return { type: 'WithinCapacity', status: 'True', reason: 'Fits', message: 'what is claimed fits' };
  const amounts = over.map((name) => `${-left[name]} ${UNITS[name]}`).join(', ');
  const message = `${amounts} more claimed than there is: nothing is placed here until it fits; migrate Instances away`;
  return { type: 'WithinCapacity', status: 'False', reason: 'Overcommitted', message };
}
