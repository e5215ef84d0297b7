import type { Instance, OperationName, TaskState } from '#api/instance.ts';
import { type GuestView, isOver, isUnprovisioned } from './guest-view.ts';
import { hasFailed } from './request-id.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

type Desired = Instance['spec']['powerState'];

/**
 * Carries out a change of spec.powerState; undefined when there is none to carry out.
 *
 * The field is compared with what was last carried out, not with the guest: a guest that powers itself off stays off
 * until the field changes (Nova's power sync).
 */
export function powerChange(view: InstanceView): Situation | undefined {
  const { instance, guest } = view;
  const desired = instance.spec.powerState;
  const applied = instance.status?.appliedPowerState;
  if (instance.status?.shelved || instance.status?.rescued) return undefined;
  if (hasFailed(instance, 'Rebuild')) return undefined; // there may be no disk to start from
  if (desired === applied && !isDiverted(desired, guest)) return undefined;
  if (isHeld(desired) && applied === 'Stopped' && guest.power === 'running') {
    return { ...succeeded('Start'), action: NONE };
  }
  const operation = operationTowards(desired, applied, guest);
  if (operation === undefined) {
    // Nothing was left to do, and nothing was under way: a guest that went off by itself is as asked.
    if (desired === applied && !instance.status?.operation) return undefined;
    return { ...succeeded(finished(instance, desired)), action: NONE };
  }
  if (hasFailed(instance, operation)) return undefined;
  const failed = operation === 'Start' ? failedStart(operation, guest) : undefined;
  return failed ?? { operation, ...nextStep(operation, view) };
}

/** Did an operation begin to lead elsewhere before the field was set back? */
function isDiverted(desired: Desired, { vm, power }: GuestView): boolean {
  if (power === 'paused') return !isHeld(desired);
  if (power === 'running') return desired !== 'Running';
  return vm?.asked !== undefined && vm.asked !== (desired === 'Stopped' ? 'Stopped' : 'Running');
}

/** KubeVirt has one way to hold a guest's processors; Suspended is a pause by another name (ADR 0050). */
const isHeld = (desired: Desired | undefined): boolean => desired === 'Paused' || desired === 'Suspended';

/** A guest that fails while it starts is not started again and again: its place is fixed, and so is the cause. */
export function failedStart(operation: OperationName, guest: GuestView): Situation | undefined {
  const { power, vm, trouble } = guest;
  if (power !== 'failed' || !vm?.runs || isUnprovisioned(guest)) return undefined;
  const message = `${trouble?.message ?? 'the guest failed'}. Mend that, then set a new request id to try again`;
  return {
    operation,
    taskState: undefined,
    action: NONE,
    outcome: { result: 'Failed', code: 'StartFailed', message },
  };
}

/** The operation that leads to the desired state from the one that the guest is in; undefined if it is there. */
function operationTowards(
  desired: Desired,
  applied: Desired | undefined,
  { power, vm }: GuestView,
): OperationName | undefined {
  const over = isOver(power);
  if (desired === 'Stopped') return over && !vm?.runs ? undefined : 'Stop';
  if (power === 'running') return desired === 'Running' ? undefined : HOLD[desired];
  if (power === 'paused')
    return desired === 'Running' ? (applied === 'Suspended' ? 'Resume' : 'Unpause') : undefined;
  return 'Start';
}

const HOLD = { Paused: 'Pause', Suspended: 'Suspend' } as const;

/** Those that spec.powerState asks for. */
export const POWER_OPERATIONS: readonly OperationName[] = [
  'Start',
  'Stop',
  'Pause',
  'Unpause',
  'Suspend',
  'Resume',
];

/** What an operation leaves behind, as spec.powerState would say it. */
export const POWER_AFTER: Readonly<Partial<Record<OperationName, Desired>>> = {
  Start: 'Running',
  Stop: 'Stopped',
  Pause: 'Paused',
  Unpause: 'Running',
  Suspend: 'Suspended',
  Resume: 'Running',
  HardReboot: 'Running',
  SoftReboot: 'Running',
  Shelve: 'Stopped',
  Rescue: 'Running',
};

/** What led to the desired state: the operation in flight, or, if that was too short to be written, the usual one. */
function finished({ status }: Instance, desired: Desired): OperationName {
  const inFlight = status?.operation?.name;
  if (inFlight && POWER_AFTER[inFlight] === desired) return inFlight;
  const applied = status?.appliedPowerState;
  if (desired === 'Running')
    return applied === 'Paused' ? 'Unpause' : applied === 'Suspended' ? 'Resume' : 'Start';
  return desired === 'Stopped' ? 'Stop' : HOLD[desired];
}

const succeeded = (operation: OperationName) => ({
  operation,
  taskState: undefined,
  outcome: { result: 'Succeeded' as const },
});

function nextStep(operation: OperationName, view: InstanceView): { taskState: TaskState; action: Action } {
  const { vm } = view.guest;
  switch (operation) {
    case 'Stop':
      return { taskState: 'PoweringOff', action: vm?.runs ? { kind: 'haltVm' } : NONE };
    case 'Pause':
      return { taskState: 'Pausing', action: { kind: 'pause' } };
    case 'Suspend':
      return { taskState: 'Suspending', action: { kind: 'pause' } };
    case 'Unpause':
      return { taskState: 'Unpausing', action: { kind: 'unpause' } };
    case 'Resume':
      return { taskState: 'Resuming', action: { kind: 'unpause' } };
    default:
      return { taskState: 'PoweringOn', action: startAction(view.guest) };
  }
}

/** A finished guest is cleared away first: only then does KubeVirt start another one. */
export function startAction({ vm, power }: GuestView): Action {
  if (!vm) return { kind: 'createVm', runs: true };
  if (vm.deleting) return NONE;
  if (vm.runs) return power === 'succeeded' || power === 'failed' ? { kind: 'haltVm' } : NONE;
  return power === 'absent' ? { kind: 'startVm' } : NONE;
}
