import type { Instance, InstanceStatus, Placement } from '#api/instance.ts';
import type { GuestView } from './guest-view.ts';
import { instanceConditions } from './instance-conditions.ts';
import { WAITING_FOR } from './operations.ts';
import { POWER_AFTER } from './power.ts';
import { requestIdFor } from './request-id.ts';
import type { InstanceView, Situation } from './situation.ts';
import { hasStandingFault, powerStateOf, vmStateOf } from './states.ts';

const KEPT_OPERATIONS = 10;

export interface StatusInput {
  view: InstanceView;
  situation: Situation;
  placement: Placement | undefined;
  flavor: InstanceStatus['flavor'];
  now: Date;
  /** When the operation began. */
  began: Date;
  deadline: Date | undefined;
  /** What is known to be waited for, where that is more than the table says. */
  waitingFor: string | undefined;
}

/** The whole status of an Instance, from what is seen and decided. */
export function instanceStatus(input: StatusInput): InstanceStatus {
  const { view, situation, placement, flavor } = input;
  const { instance, guest } = view;
  const succeeded = situation.outcome?.result === 'Succeeded';
  const built = instance.status?.appliedPowerState !== undefined || succeeded;
  const status: InstanceStatus = {
    observedGeneration: instance.metadata.generation,
    vmState: vmStateOf(instance, guest, situation),
    taskState: situation.taskState,
    powerState: powerStateOf(guest, built),
    nodeName: guest.nodeName ?? view.claimNode,
    addresses: guest.addresses.length > 0 ? guest.addresses : undefined,
    flavor: instance.status?.flavor ?? flavor,
    placement,
    operation: operationInFlight(input),
    lastOperations: lastOperations(input),
    appliedPowerState: appliedPowerState(instance, guest, situation),
    fault: faultOf(input),
  };
  return { ...status, conditions: instanceConditions(input, status) };
}

/** What was carried out, which need not be what is wished for by now: that is carried out next. */
function appliedPowerState({ status }: Instance, { vm }: GuestView, { operation, outcome }: Situation) {
  if (outcome?.result !== 'Succeeded' || operation === undefined) return status?.appliedPowerState;
  if (operation === 'Create') return vm?.runs ? 'Running' : 'Stopped';
  return POWER_AFTER[operation] ?? status?.appliedPowerState;
}

function operationInFlight({
  view,
  situation,
  began,
  deadline,
  waitingFor,
}: StatusInput): InstanceStatus['operation'] {
  const { operation, taskState, outcome, blocked } = situation;
  if (operation === undefined || taskState === undefined || outcome) return undefined;
  return {
    name: operation,
    requestId: requestIdFor(view.instance, operation),
    startTime: began.toISOString(),
    waitingFor: (blocked?.message ?? waitingFor ?? WAITING_FOR[taskState]).slice(0, 512),
    deadline: deadline?.toISOString(),
  };
}

function lastOperations({ view, situation, now, began }: StatusInput): InstanceStatus['lastOperations'] {
  const past = view.instance.status?.lastOperations;
  const { operation, outcome } = situation;
  if (operation === undefined || outcome === undefined) return past;
  const ended = {
    name: operation,
    requestId: requestIdFor(view.instance, operation),
    startTime: began.toISOString(),
    finishTime: now.toISOString(),
    generation: view.instance.metadata.generation,
    result: outcome.result,
    ...(outcome.result === 'Failed' && { message: outcome.message.slice(0, 512) }),
  };
  return [ended, ...(past ?? [])].slice(0, KEPT_OPERATIONS);
}

function faultOf({ view, situation, now }: StatusInput): InstanceStatus['fault'] {
  const { outcome } = situation;
  if (outcome?.result === 'Failed') {
    return { code: outcome.code, message: outcome.message.slice(0, 2048), time: now.toISOString() };
  }
  return hasStandingFault(view.instance, situation) ? view.instance.status?.fault : undefined;
}
