import type { Instance, InstanceStatus, OperationName, Placement } from '#api/instance.ts';
import { MOST_REMEMBERED_REQUESTS, REMEMBERED_FOR_DAYS } from '#api/instance-status.ts';
import { consolesOf } from './consoles.ts';
import { diskRecordAfter, recordedDisks } from './disk-record.ts';
import type { GuestView } from './guest-view.ts';
import { instanceConditions } from './instance-conditions.ts';
import { networkStatusesOf } from './network-status.ts';
import { WAITING_FOR } from './operations.ts';
import { POWER_AFTER } from './power.ts';
import { requestIdFor } from './request-id.ts';
import { askerOf } from './requested-by.ts';
import { nodeOfMove, recordAfter } from './resize-record.ts';
import type { InstanceView, Situation } from './situation.ts';
import { hasStandingFault, isError, isShelved, powerStateOf, rescuedBy, vmStateOf } from './states.ts';
import { volumeStatusesOf } from './volume-status.ts';

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
  const resize = recordAfter(instance, situation);
  const built = instance.status?.appliedPowerState !== undefined || succeeded;
  const status: InstanceStatus = {
    observedGeneration: instance.metadata.generation,
    vmState: vmStateOf(instance, guest, situation),
    taskState: situation.taskState,
    powerState: powerStateOf(guest, built),
    nodeName:
      nodeOfMove(resize) ?? guest.nodeName ?? view.claimNode ?? (built ? placeOf(instance) : undefined),
    addresses: guest.addresses.length > 0 ? guest.addresses : undefined,
    consoles: consolesOf(instance, guest),
    flavor: situation.flavor ?? instance.status?.flavor ?? flavor,
    image: situation.made?.image ?? view.image ?? instance.status?.image,
    cloudInit: situation.made?.cloudInit ?? instance.status?.cloudInit,
    rebuild: rebuildOf(instance, situation),
    placement,
    operation: operationInFlight(input),
    lastOperations: lastOperations(input),
    rememberedRequests: rememberedRequests(input),
    appliedPowerState: appliedPowerState(instance, guest, situation),
    resize,
    ...recordedDisks(diskRecordAfter(view, situation)),
    shelved: isShelved(instance, situation) || undefined,
    rescued: rescuedBy(instance, situation),
    volumes: volumeStatusesOf(view),
    networks: networkStatusesOf(view),
    fault: faultOf(input),
  };
  status.heldFlavor = heldFlavorOf(input, status.flavor?.name);
  return { ...status, conditions: instanceConditions(input, status) };
}

/** Remembered for as long as spec.flavorRef names it and the guest has another. */
function heldFlavorOf({ view: { instance }, situation }: StatusInput, built: string | undefined) {
  const held = situation.heldFlavor ?? instance.status?.heldFlavor;
  const { name } = instance.spec.flavorRef;
  return held?.name === name && name !== built ? held : undefined;
}

/** A claim that is not seen may be lost: then the status is what tells where the place is, and the ledger is mended by it. */
const placeOf = ({ spec, status }: Instance) => (spec.shelved ? undefined : status?.nodeName);

/** Kept for as long as it is under way. */
function rebuildOf({ status }: Instance, { operation, outcome, rebuild }: Situation) {
  if (rebuild) return rebuild;
  return operation === 'Rebuild' && outcome ? undefined : status?.rebuild;
}

/** What was carried out, which need not be what is wished for by now: that is carried out next. */
function appliedPowerState({ status }: Instance, { vm }: GuestView, { operation, outcome }: Situation) {
  if (outcome?.result !== 'Succeeded' || operation === undefined) return status?.appliedPowerState;
  if (operation === 'Create' || operation === 'Unshelve' || operation === 'Unrescue')
    return vm?.runs ? 'Running' : 'Stopped';
  if (operation === 'Rebuild') return vm?.runs ? 'Running' : status?.appliedPowerState;
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
    ...identityOf(view.instance, situation, operation),
    ...nodesOf(view.instance, situation),
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
    ...identityOf(view.instance, situation, operation),
    ...nodesOf(view.instance, situation),
    startTime: began.toISOString(),
    finishTime: now.toISOString(),
    result: outcome.result,
    ...(outcome.message !== undefined && { message: outcome.message.slice(0, 512) }),
  };
  return [ended, ...(past ?? [])].slice(0, KEPT_OPERATIONS);
}

/** Request id, and the object that asked for the operation if one did: of the request taken up now, or in flight. */
function identityOf(instance: Instance, { request }: Situation, operation: OperationName) {
  if (request) {
    const { kind, name, requestId, requestedBy } = request;
    const { generation } = instance.metadata;
    return {
      requestId,
      generation,
      source: { kind, name },
      ...(requestedBy !== undefined && { requestedBy }),
    };
  }
  const inFlight = instance.status?.operation?.name === operation ? instance.status.operation : undefined;
  const requestedBy = inFlight ? inFlight.requestedBy : askerOf(instance, operation);
  return {
    requestId: requestIdFor(instance, operation),
    generation: inFlight?.generation ?? instance.metadata.generation,
    ...(inFlight?.source && { source: inFlight.source }),
    ...(requestedBy !== undefined && { requestedBy }),
  };
}

/** Where a move leads from and to: what is known now, else what was written. */
function nodesOf({ status }: Instance, { operation, move }: Situation) {
  const written = status?.operation?.name === operation ? status?.operation : undefined;
  const sourceNode = move?.sourceNode ?? written?.sourceNode;
  const targetNode = move?.targetNode ?? written?.targetNode;
  return {
    ...(sourceNode !== undefined && { sourceNode }),
    ...(targetNode !== undefined && { targetNode }),
  };
}

const REMEMBERED_MS = REMEMBERED_FOR_DAYS * 24 * 3600 * 1000;

/** An object of Berth's can be applied again; a migration of KubeVirt's own is another one each time. */
const isAskedOnce = (
  operation: InstanceStatus['operation'],
): operation is NonNullable<InstanceStatus['operation']> =>
  operation?.source !== undefined && operation.source.kind !== 'VirtualMachineInstanceMigration';

function rememberedRequests({ view, situation, now }: StatusInput): InstanceStatus['rememberedRequests'] {
  const { operation, rememberedRequests: past = [] } = view.instance.status ?? {};
  const { outcome } = situation;
  if (!outcome || !isAskedOnce(operation) || situation.operation !== operation.name)
    return past.length > 0 ? past : undefined;
  const ended = { requestId: operation.requestId, result: outcome.result, finishTime: now.toISOString() };
  const kept = past.filter(
    ({ finishTime }) => now.getTime() - new Date(finishTime).getTime() < REMEMBERED_MS,
  );
  return [ended, ...kept].slice(0, MOST_REMEMBERED_REQUESTS);
}

function faultOf({ view, situation, now }: StatusInput): InstanceStatus['fault'] {
  const { outcome } = situation;
  if (outcome?.result === 'Failed' && isError(situation)) {
    return { code: outcome.code, message: outcome.message.slice(0, 2048), time: now.toISOString() };
  }
  return hasStandingFault(view.instance, situation) ? view.instance.status?.fault : undefined;
}
