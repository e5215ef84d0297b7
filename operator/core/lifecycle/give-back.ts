import type { OperationName, TaskState } from '#api/instance.ts';
import { covers } from '../scheduling/resources.ts';
import { takeAlong } from './cold-copy.ts';
import { copyGivenUp, diskRecordOf } from './disk-record.ts';
import { type BuiltFlavor, resourcesOf } from './guest-size.ts';
import { startAction } from './power.ts';
import { isSameSize, type ResizeRecord } from './resize-record.ts';
import {
  CANCELLED,
  copiedTooEarly,
  ended,
  evacuated,
  type Failure,
  finished,
  giveUp,
  haltAction,
  isOff,
  type Move,
  step,
  toldOf,
} from './resize-steps.ts';
import { type Action, type InstanceView, NONE, type Outcome, type Situation } from './situation.ts';

/** Back to the old size and place; steps for a failed move, and for a revert that was asked for. */
export function giveBack(
  operation: Move | 'RevertResize',
  view: InstanceView,
  record: ResizeRecord,
): Situation {
  const { guest, instance } = view;
  const { oldFlavor, sourceNode, ran } = record;
  const onward = (action: Action, then?: Pick<Situation, 'record' | 'flavor' | 'disk'>) =>
    step(operation, 'ResizeReverting', action, then);
  if (record.moved && operation === 'Evacuate')
    return ended(operation, { result: 'Failed', ...failureOf(record), error: true }, evacuated(view.now));
  if (record.moved) {
    const back = takeAlong(view, instance.status?.operation?.requestId ?? record.requestId, sourceNode);
    // For a revert that cannot be a guest is not stopped.
    if (back.kind === 'failed' && (isOff(guest) || operation === 'RevertResize'))
      return stays(operation, view, record, back.failure);
    if (!isOff(guest)) return onward(haltAction(guest), copiedTooEarly(view));
    if (back.kind === 'goesOn') return { ...onward(back.action), ...toldOf(back) };
    if (back.kind === 'ready') return onward({ kind: 'proveOff' }, { disk: { hasMoved: true } });
    return onward({ kind: 'reshape', flavor: oldFlavor }, { record: { moved: false }, flavor: oldFlavor });
  }
  if (diskRecordOf(instance).copy) return onward(NONE, { disk: copyGivenUp(instance) });
  if (!holdsJust(view, sourceNode, oldFlavor))
    return onward({ kind: 'keepPlace', nodeName: sourceNode, flavor: oldFlavor });
  if (operation === 'Evacuate') return givenBack(operation, record);
  if (ran && guest.power === 'failed' && guest.vm?.runs) {
    const message = `it did not start on ${sourceNode} either: ${guest.trouble?.message ?? 'the guest failed'}`;
    return stuck(operation, view, record, { code: 'StartFailed', message });
  }
  if (ran && guest.power !== 'running') return onward(startAction(guest));
  return givenBack(operation, record);
}

/** What it has on its new node cannot be copied back: it keeps that, and both places, until somebody can revert or confirm. */
function stays(
  operation: Move | 'RevertResize',
  { now, confirmWindowMs }: InstanceView,
  record: ResizeRecord,
  { code, message }: Failure,
): Situation {
  const said = `${message}. It stays Resized on ${record.targetNode}, with its disks: revert it again, or confirm it`;
  const outcome = { result: 'Failed', code, message: said, error: false } as const;
  return ended(operation, outcome, finished(now, confirmWindowMs), notAgain(record, { code, message: said }));
}

function givenBack(operation: Move | 'RevertResize', record: ResizeRecord): Situation {
  const { failure } = record;
  if (operation === 'RevertResize') {
    const message = `the resize to ${record.flavor.name} was reverted`;
    const rest = { action: NONE, ...held(record, { code: 'ResizeReverted', message }) };
    return ended(operation, { result: 'Succeeded' }, null, rest);
  }
  const { code, message } = failureOf({ failure });
  const outcome: Outcome =
    code === CANCELLED.code ? { result: 'Cancelled', message } : { result: 'Failed', code, message };
  return ended(operation, outcome, null, notAgain(record, { code, message }));
}

const failureOf = ({ failure }: Pick<ResizeRecord, 'failure'>): Failure =>
  failure ?? { code: 'ResizeFailed', message: 'it was given up' };

export const notAgain = (record: ResizeRecord, { message }: Failure) => ({
  action: NONE,
  ...held(record, { code: 'ResizeFailed', message }),
});

/** A field that stays as it is must not begin the same resize again. */
function held(record: ResizeRecord, { code, message }: Failure): Pick<Situation, 'heldFlavor'> {
  const { name } = record.flavor;
  return isSameSize(record) ? {} : { heldFlavor: { name, reason: code, message: message.slice(0, 1024) } };
}

/** Does the Instance hold one place, of the size of one Flavor? Overheads depend on the fleet of that time. */
export function holdsJust(
  { instance, claims }: InstanceView,
  nodeName: string,
  flavor: BuiltFlavor,
): boolean {
  const [claim, ...others] = claims;
  if (claim?.nodeName !== nodeName || others.length > 0) return false;
  const size = resourcesOf(flavor, instance.spec, 1);
  return covers(claim, size) && covers(size, claim);
}

/** Nothing was claimed: the Instance is as it was. */
export function notPlaced(
  { operation, taskState, ...rest }: Situation,
  view: InstanceView,
  failure: Failure,
): Situation {
  const record = view.instance.status?.resize;
  const { action: _, next: __, ...still } = rest;
  const { code, message } = failure;
  return {
    ...still,
    operation,
    taskState: undefined,
    outcome: { result: 'Failed', code, message },
    record: null,
    ...(record ? notAgain(record, failure) : { action: NONE }),
  };
}

/** A step that took too long: what was begun is given back; giving back itself ends in Error. */
export function resizeOverdue(
  operation: Move | 'RevertResize',
  view: InstanceView,
  taskState: TaskState,
  message: string,
): Situation {
  const record = view.instance.status?.resize;
  const failure = { code: 'DeadlineExceeded', message };
  if (!record) return lost(operation);
  if (taskState !== 'ResizeReverting' && operation !== 'RevertResize') return giveUp(operation, failure);
  const isCopied =
    diskRecordOf(view.instance).copy || (view.outOfReach?.[record.sourceNode] ?? []).length > 0;
  return record.moved && isCopied
    ? stays(operation, view, record, failure)
    : stuck(operation, view, record, failure);
}

/** A guest that is still to leave its new place stays Resized, with both places, once it is out of Error. */
function stuck(
  operation: Move | 'RevertResize',
  { now, confirmWindowMs }: InstanceView,
  record: ResizeRecord,
  { code, message }: Failure,
): Situation {
  const outcome = { result: 'Failed', code, message, error: true } as const;
  if (record.moved) return ended(operation, outcome, finished(now, confirmWindowMs));
  const { sourceNode: nodeName, oldFlavor: flavor } = record;
  const action: Action = { kind: 'keepPlace', nodeName, flavor };
  return ended(operation, outcome, null, { ...notAgain(record, { code, message }), action });
}

export function lost(operation: OperationName): Situation {
  const message = 'status.resize is gone: nobody knows what to go on with';
  return ended(operation, { result: 'Failed', code: 'ResizeFailed', message, error: true }, undefined);
}
