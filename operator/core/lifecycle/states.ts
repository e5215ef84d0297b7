import type { Instance, InstanceStatus, VmState } from '#api/instance.ts';
import { type GuestView, isOver } from './guest-view.ts';
import { isBuilt, type Situation } from './situation.ts';

/** Nova's power_state of what is seen. */
export function powerStateOf(guest: GuestView, built: boolean): InstanceStatus['powerState'] {
  switch (guest.power) {
    case 'running':
    case 'stopping':
      return 'Running';
    case 'paused':
      return 'Paused';
    case 'failed':
      return 'Crashed';
    case 'unknown':
      return 'NoState';
    default:
      return built ? 'Shutdown' : 'NoState';
  }
}

/** Nova's vm_state: stable states only; what is under way shows in the task state. */
export function vmStateOf(instance: Instance, guest: GuestView, situation: Situation): VmState {
  if (instance.metadata.deletionTimestamp) return 'Deleting';
  if (situation.outcome?.result === 'Failed') return 'Error';
  const built = isBuilt(instance) || situation.outcome?.result === 'Succeeded';
  if (!built) return situation.operation ? 'Building' : 'Error';
  if (hasStandingFault(instance, situation)) return 'Error';
  if (guest.power === 'paused') return 'Paused';
  if (guest.power === 'running') return 'Active';
  if (isOver(guest.power) || guest.power === 'starting') return 'Stopped';
  return instance.status?.vmState ?? 'Active';
}

/** A fault stands until an operation begins or ends well. */
export function hasStandingFault(instance: Instance, situation: Situation): boolean {
  return instance.status?.fault !== undefined && situation.operation === undefined;
}
