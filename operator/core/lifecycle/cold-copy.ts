import { removal } from './copy-disks.ts';
import { copyFor, copyGivenUp, diskRecordOf } from './disk-record.ts';
import { type InstanceView, NONE, type Situation } from './situation.ts';

/**
 * Disks that the new node does not reach move along with a guest that is off: what is on them is copied to volumes that are made there,
 * and those are its disks from the moment that it has its new place. Given back, it has the old ones; once it was there what it
 * wrote is copied back (ADR 0072).
 *
 * What is left to do until all of them can be reached from there; undefined: nothing.
 */
export function takeAlong(
  view: InstanceView,
  requestId: string,
  nodeName: string,
): Pick<Situation, 'action' | 'disk'> | undefined {
  const { instance, copyDisks = {}, outOfReach = {} } = view;
  const { copy, left } = diskRecordOf(instance);
  if (!copy) {
    const names = outOfReach[nodeName] ?? [];
    if (names.length === 0) return undefined;
    const begun = copyFor(instance, { requestId, nodeName }, names);
    const isInTheWay = left.some((it) => begun.disks.some(({ claimName }) => claimName === it.claimName));
    return isInTheWay ? removal(view) : { action: NONE, disk: { copy: begun } };
  }
  if (copy.requestId !== requestId || copy.nodeName !== nodeName)
    return { action: NONE, disk: copyGivenUp(instance) };
  const missing = copy.disks.find(({ claimName }) => !copyDisks[claimName]?.exists);
  if (missing) return { action: { kind: 'makeCopy', ...missing, nodeName, isFull: true } };
  return copy.disks.every(({ claimName }) => copyDisks[claimName]?.ready) ? undefined : { action: NONE };
}
