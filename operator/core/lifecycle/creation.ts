import { attemptOf, excludedIn } from '../placement/record.ts';
import { type GuestView, isUnprovisioned, worthAnotherNode } from './guest-view.ts';
import { startAction } from './power.ts';
import { hasFailed, requestIdFor } from './request-id.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

/** From nothing to a guest that runs: claim, disk and VM, boot; on another node if one refuses. */
export function creation(view: InstanceView): Situation {
  const { instance, guest } = view;
  if (hasBooted(guest) || isStoppedAsAsked(view)) return done();
  if (hasFailed(instance, 'Create')) return gaveUp();
  return retreat(view) ?? unmetPrecondition(view) ?? outOfNodes(view) ?? advance(view);
}

const hasBooted = ({ power }: GuestView) => ['running', 'paused', 'succeeded'].includes(power);

const isStoppedAsAsked = ({ instance, guest }: InstanceView) =>
  instance.spec.powerState === 'Stopped' && guest.vm !== undefined && !guest.vm.runs && !guest.vm.deleting;

const done = (): Situation => ({
  operation: 'Create',
  taskState: undefined,
  action: NONE,
  outcome: { result: 'Succeeded' },
});

const gaveUp = (): Situation => ({ operation: undefined, taskState: undefined, action: NONE });

function unmetPrecondition({
  missing,
  invalid,
  foreignVm,
  instance,
  volumes,
  networks,
}: InstanceView): Situation | undefined {
  const wait = (reason: string, message: string): Situation => ({
    operation: 'Create',
    taskState: 'Scheduling',
    action: NONE,
    blocked: { reason, message },
  });
  if (missing) {
    const { kind, name, field, problem } = missing;
    if (problem) return wait(`${kind}NotUsable`, `${field}: ${kind} ${name} ${problem}`);
    return wait(
      `${kind}NotFound`,
      `${field}: ${kind} ${name} does not exist: create it, and this Instance goes on by itself`,
    );
  }
  if (invalid) return wait('InvalidSpec', invalid);
  const held = volumes.find(({ wanted, configured, obstacle }) => wanted && !configured && obstacle);
  if (held?.obstacle)
    return wait(held.obstacle.reason, `spec.volumes ${held.name}: ${held.obstacle.message}`);
  const cut = networks.find(({ wanted, configured, obstacle }) => wanted && !configured && obstacle);
  if (cut?.obstacle) return wait(cut.obstacle.reason, `spec.networks ${cut.name}: ${cut.obstacle.message}`);
  if (!foreignVm) return undefined;
  const message = `a VirtualMachine ${instance.metadata.name} that is not Berth's is in the way: remove it, or use another name`;
  return wait('NameConflict', message);
}

/** The way back from a node that refused: everything there goes before anything else is asked for. */
function retreat(view: InstanceView): Situation | undefined {
  const { guest, claimNode, instance, placement } = view;
  const excluded = excludedIn(placement, requestIdFor(instance, 'Create'));
  if (claimNode && excluded.some(({ nodeName }) => nodeName === claimNode)) {
    return { operation: 'Create', taskState: 'Scheduling', action: clearNode(guest) };
  }
  return undefined;
}

function outOfNodes(view: InstanceView): Situation | undefined {
  const { instance, placement, claimNode, maxAttempts } = view;
  const requestId = requestIdFor(instance, 'Create');
  const refusals = attemptOf(placement, requestId) - 1;
  if (claimNode || refusals < maxAttempts) return undefined;
  const excluded = excludedIn(placement, requestId);
  const tried = excluded.map(({ nodeName, message }) => `${nodeName}: ${message}`).join('; ');
  const nodes = excluded.length === 1 ? '1 node' : `${excluded.length} nodes`;
  const message = `${nodes} refused the guest in ${refusals} attempts (${tried}). Mend them, then set a new request id to try again`;
  return {
    operation: 'Create',
    taskState: undefined,
    action: NONE,
    outcome: { result: 'Failed', code: 'NoValidHost', message },
  };
}

function clearNode(guest: GuestView): Action {
  if (guest.vm) return guest.vm.deleting ? NONE : { kind: 'deleteVm', blank: true };
  if (guest.disk?.exists) return { kind: 'deleteVm', blank: true };
  const gone = guest.power === 'absent' && guest.pods.length === 0;
  return gone ? { kind: 'release' } : NONE;
}

function advance({ instance, guest, claimNode, keptVolumes }: InstanceView): Situation {
  const step = (taskState: Situation['taskState'], action: Action): Situation => ({
    operation: 'Create',
    taskState,
    action,
  });
  if (keptVolumes?.length) return step('Scheduling', NONE); // where they are is written down first, and goes into the choice
  if (!claimNode) return step('Scheduling', { kind: 'claim' });
  if (!guest.vm) return step('Spawning', { kind: 'createVm', runs: instance.spec.powerState !== 'Stopped' });
  if (guest.vm.deleting) return step('Scheduling', NONE);
  if (!guest.vm.runs) return step('Spawning', startAction(guest));
  if (guest.disk && !guest.disk.exists) return step('BlockDeviceMapping', { kind: 'createVm', runs: true });
  const taskState = guest.disk && !guest.disk.ready ? 'BlockDeviceMapping' : 'Spawning';
  if (isUnprovisioned(guest)) return step(taskState, startAction(guest));
  if (!worthAnotherNode(guest.trouble)) return step(taskState, NONE);
  return { ...step('Scheduling', NONE), exclude: { nodeName: claimNode, message: guest.trouble.message } };
}
