import { foreignMove } from './live-migrate.ts';
import { hasFailed, hasFreshRequestId } from './request-id.ts';
import { type InstanceView, NONE, type Situation } from './situation.ts';
import { isPending } from './size-view.ts';

/** No operation is asked for: keep what is there, and follow the guest. */
export function settled(view: InstanceView): Situation {
  const { instance, guest, foreignVm } = view;
  const still = (rest: Partial<Situation> = {}): Situation => ({
    operation: undefined,
    taskState: undefined,
    action: NONE,
    ...rest,
  });
  if (!guest.vm && foreignVm) {
    const message = `the Instance's VirtualMachine is gone, and another one of its name is in the way: remove that`;
    return still({ blocked: { reason: 'NameConflict', message } });
  }
  if (!guest.vm) {
    return still({ action: { kind: 'createVm', runs: instance.status?.appliedPowerState !== 'Stopped' } });
  }
  if (guest.power === 'succeeded' || guest.power === 'failed') {
    return still(guest.vm.runs ? { action: { kind: 'haltVm' } } : {});
  }
  const request = isPending(guest.size) ? undefined : foreignMove(view); // refused at the gate, again and again
  if (request)
    return still({
      operation: 'LiveMigrate',
      taskState: 'Migrating',
      request,
      move: { sourceNode: guest.nodeName },
    });
  const startsAgain =
    guest.power === 'starting' &&
    (instance.status?.fault === undefined || hasFreshRequestId(instance)) &&
    !hasFailed(instance, 'Start') &&
    !hasFailed(instance, 'Rebuild');
  if (startsAgain) return still({ operation: 'Start', taskState: 'PoweringOn' });
  return still();
}
