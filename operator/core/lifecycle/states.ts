import type { Instance, InstanceStatus, VmState } from '#api/instance.ts';
import { type GuestView, isOver } from './guest-view.ts';
import { OPERATION_TABLE } from './operations.ts';
import { rescueImage } from './rescue.ts';
import { recordAfter } from './resize-record.ts';
import { isBuilt, type Situation } from './situation.ts';
import { inFlightOf } from './steps.ts';

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
  if (isError(situation)) return 'Error';
  const built = isBuilt(instance) || situation.outcome?.result === 'Succeeded';
  if (!built) return situation.operation ? 'Building' : 'Error';
  if (hasStandingFault(instance, situation)) return 'Error';
  if (!situation.outcome && (situation.request || inFlightOf(instance)))
    return instance.status?.vmState ?? 'Active';
  if (isShelved(instance, situation)) return 'ShelvedOffloaded';
  if (recordAfter(instance, situation)?.finishTime !== undefined) return 'Resized';
  if (rescuedBy(instance, situation)) return 'Rescued';
  if (guest.power === 'paused')
    return situation.operation === 'Suspend' || isSuspended(instance, situation) ? 'Suspended' : 'Paused';
  if (guest.power === 'running') return 'Active';
  if (isOver(guest.power) || guest.power === 'starting') return 'Stopped';
  return instance.status?.vmState ?? 'Active';
}

/** A fault stands until an operation begins or ends well. */
export function hasStandingFault(instance: Instance, situation: Situation): boolean {
  return instance.status?.fault !== undefined && situation.operation === undefined;
}

/** Has the operation failed in a way that leaves the Instance in Error; others leave it as it was. */
export function isError({ operation, outcome }: Situation): boolean {
  if (outcome?.result !== 'Failed') return false;
  return outcome.error ?? (operation === undefined || OPERATION_TABLE[operation].onFailure === 'Error');
}

/** What becomes of status.shelved. */
export function isShelved({ status }: Instance, { operation, outcome }: Situation): boolean {
  if (outcome?.result === 'Succeeded' && operation === 'Shelve') return true;
  if (outcome?.result === 'Succeeded' && operation === 'Unshelve') return false;
  return status?.shelved ?? false;
}

/** What becomes of status.rescued. */
export function rescuedBy(
  instance: Instance,
  { operation, outcome }: Situation,
): NonNullable<InstanceStatus['rescued']> | undefined {
  if (outcome?.result === 'Succeeded' && operation === 'Rescue')
    return { image: rescueImage(instance) ?? '' };
  if (outcome?.result === 'Succeeded' && (operation === 'Unrescue' || operation === 'Rebuild'))
    return undefined;
  return instance.status?.rescued;
}

const isSuspended = ({ status }: Instance, { operation }: Situation): boolean =>
  operation === undefined && status?.appliedPowerState === 'Suspended';
