import type { OperationName, TaskState } from '#api/instance.ts';
import { covers } from '../scheduling/resources.ts';
import { takeAlong } from './cold-copy.ts';
import { copyGivenUp, diskRecordOf, hasTakenAlong } from './disk-record.ts';
import { type BuiltFlavor, resourcesOf } from './guest-size.ts';
import { type GuestView, isOver, worthAnotherNode } from './guest-view.ts';
import { startAction } from './power.ts';
import { isSameSize, type ResizeRecord } from './resize-record.ts';
import {
  type Action,
  type HeldPlace,
  type InFlight,
  type InstanceView,
  NONE,
  type Outcome,
  type Situation,
} from './situation.ts';

type Failure = NonNullable<ResizeRecord['failure']>;
export type Move = 'Resize' | 'ColdMigrate' | 'Evacuate';

/**
 * To another size or place, or both: a place is claimed beside the old one, the guest is shut down, its VM changed, and
 * booted there. What fails on the way is given back. It ends Resized, with both places held until it is confirmed or
 * reverted; status.resize is what every step goes on from.
 */
export const resizing =
  (operation: Move) =>
  (view: InstanceView, { taskState }: InFlight): Situation => {
    const record = view.instance.status?.resize;
    if (!record) return lost(operation);
    const givenUp = whyGivenUp(view, record, taskState);
    if (givenUp) return giveUp(operation, givenUp);
    switch (taskState) {
      case 'ResizePrep':
        return prepare(operation, view, record);
      case 'ResizeMigrating':
        return shutDown(operation, view, record);
      case 'ResizeMigrated': {
        const { flavor } = record;
        return step(
          operation,
          'ResizeMigrated',
          { kind: 'reshape', flavor },
          { next: 'ResizeFinish', flavor },
        );
      }
      case 'ResizeFinish':
        return boot(operation, view, record);
      default:
        return giveBack(operation, view, record);
    }
  };

function step(
  operation: OperationName,
  taskState: TaskState,
  action: Action,
  then: Pick<Situation, 'next' | 'record' | 'flavor' | 'disk'> = {},
): Situation {
  return { operation, taskState, action, ...then };
}

const CANCELLED = { code: 'Cancelled', message: 'it was cancelled' };

/** Until the guest is at its new size and place, whoever asked can think better of it. */
function whyGivenUp(
  { instance, requests }: InstanceView,
  record: ResizeRecord,
  taskState: TaskState | undefined,
): Failure | undefined {
  if (taskState === 'ResizeReverting') return undefined;
  if (requests.some(({ requestId, cancelled }) => cancelled && requestId === record.requestId))
    return CANCELLED;
  const { name } = instance.spec.flavorRef;
  if (isSameSize(record) || name === record.flavor.name) return undefined;
  return { code: 'Superseded', message: `spec.flavorRef names ${name} by now` };
}

function prepare(operation: Move, view: InstanceView, record: ResizeRecord): Situation {
  const place = view.claims.find((it) => isNewPlace(it, view.instance, record));
  if (!place && operation === 'Evacuate' && !view.homeDown) return notLost(view, record);
  if (!place) return step(operation, 'ResizePrep', { kind: 'claimMove' });
  const then = { next: 'ResizeMigrating', record: { targetNode: place.nodeName } } as const;
  return step(operation, 'ResizePrep', NONE, then);
}

function notLost(view: InstanceView, { sourceNode }: ResizeRecord): Situation {
  const message = `${sourceNode} is not Down: only what is on a lost node is evacuated. Migrate the Instance, Live or Cold`;
  return notPlaced(step('Evacuate', 'ResizePrep', NONE), view, { code: 'NodeNotDown', message });
}

/** Made by this request: a claim that was made by an earlier one of the same id has not the size, or is the old place. */
export function isNewPlace(
  place: HeldPlace,
  instance: InstanceView['instance'],
  { requestId, flavor, sourceNode, ...record }: ResizeRecord,
): boolean {
  const fits = covers(place, resourcesOf(flavor, instance.spec, 1));
  const isOld = place.nodeName === sourceNode && record.oldFlavor.name === flavor.name;
  return place.requestId === requestId && fits && !isOld;
}

function shutDown(operation: Move, view: InstanceView, { requestId, targetNode }: ResizeRecord): Situation {
  const taskState = 'ResizeMigrating';
  if (!isOff(view.guest)) return step(operation, taskState, haltAction(view.guest), copiedTooEarly(view));
  const isLost = operation === 'Evacuate' || targetNode === undefined;
  const along = isLost ? undefined : takeAlong(view, requestId, targetNode);
  if (along && view.homeLost !== undefined) return giveUp(operation, sourceLost(view.homeLost));
  if (along) return { operation, taskState, ...along };
  return step(
    operation,
    taskState,
    { kind: 'proveOff' },
    { next: 'ResizeMigrated', record: { moved: true } },
  );
}

const sourceLost = (why: string): Failure => ({
  code: 'NodeDown',
  message: `${why}. What is on its disk is not copied before it is back`,
});

/** A guest that somebody started meanwhile writes on what was copied. */
const copiedTooEarly = ({ instance }: InstanceView): Pick<Situation, 'disk'> =>
  diskRecordOf(instance).copy ? { disk: copyGivenUp(instance) } : {};

/** As far as is seen; the action that follows asks the API server. */
const isOff = ({ vm, power, pods }: GuestView): boolean => !vm?.runs && isOver(power) && pods.length === 0;
const haltAction = ({ vm }: GuestView): Action => (vm?.runs ? { kind: 'haltVm' } : NONE);

function boot(
  operation: Move,
  { instance, guest, now, confirmWindowMs }: InstanceView,
  record: ResizeRecord,
): Situation {
  const end = operation === 'Evacuate' ? evacuated(now) : finished(now, confirmWindowMs);
  if (!record.ran || guest.power === 'running')
    return ended(operation, { result: 'Succeeded' }, end, { action: NONE, ...keptThere(instance) });
  const refused = guest.power === 'starting' && worthAnotherNode(guest.trouble);
  if (!refused && guest.power !== 'failed') return step(operation, 'ResizeFinish', startAction(guest));
  const message = `it did not start on ${record.targetNode}: ${guest.trouble?.message ?? 'the guest failed'}`;
  if (operation === 'Evacuate')
    return ended(operation, { result: 'Failed', code: 'StartFailed', message, error: true }, end);
  return giveUp(operation, { code: 'StartFailed', message });
}

/** From then on those that it was copied from are not needed. */
const keptThere = (instance: InstanceView['instance']): Pick<Situation, 'disk'> =>
  hasTakenAlong(instance) ? { disk: { hasMoved: true } } : {};

/** There is no way back to a lost node: what was claimed there is given up at once. */
const evacuated = (now: Date): Partial<ResizeRecord> => ({
  finishTime: now.toISOString(),
  confirmBy: now.toISOString(),
});

const finished = (now: Date, windowMs: number): Partial<ResizeRecord> => ({
  finishTime: now.toISOString(),
  ...(windowMs > 0 && { confirmBy: new Date(now.getTime() + windowMs).toISOString() }),
});

function ended(
  operation: OperationName,
  outcome: Situation['outcome'],
  record: Situation['record'],
  rest: Pick<Situation, 'action' | 'heldFlavor' | 'disk'> = { action: NONE },
): Situation {
  return {
    operation,
    taskState: undefined,
    ...rest,
    ...(outcome && { outcome }),
    ...(record !== undefined && { record }),
  };
}

/** Node, size and claim are given back, and then it has failed for this reason. */
function giveUp(operation: Move, { code, message }: Failure): Situation {
  const failure = { code, message: message.slice(0, 512) };
  return step(operation, 'ResizeReverting', NONE, { record: { failure } });
}

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
    if (!isOff(guest)) return onward(haltAction(guest), copiedTooEarly(view));
    const back = takenBack(view, record);
    if (back) return { operation, taskState: 'ResizeReverting', ...back };
    return onward({ kind: 'reshape', flavor: oldFlavor }, { record: { moved: false }, flavor: oldFlavor });
  }
  if (diskRecordOf(instance).copy) return onward(NONE, { disk: copyGivenUp(instance) });
  if (!holdsJust(view, sourceNode, oldFlavor))
    return onward({ kind: 'keepPlace', nodeName: sourceNode, flavor: oldFlavor });
  if (operation === 'Evacuate') return givenBack(operation, record);
  if (ran && guest.power === 'failed' && guest.vm?.runs) {
    const message = `it did not start on ${sourceNode} either: ${guest.trouble?.message ?? 'the guest failed'}`;
    return stuck(operation, { instance }, record, { code: 'StartFailed', message });
  }
  if (ran && guest.power !== 'running') return onward(startAction(guest));
  return givenBack(operation, record);
}

/** The old disks, where the guest was never seen at its new place; else what it wrote there is copied back. */
function takenBack(
  view: InstanceView,
  { requestId, sourceNode }: ResizeRecord,
): Pick<Situation, 'action' | 'disk'> | undefined {
  const { instance } = view;
  if (hasTakenAlong(instance)) return { action: NONE, disk: copyGivenUp(instance) };
  const asked = instance.status?.operation?.requestId ?? requestId;
  const back = takeAlong(view, asked, sourceNode);
  const isDone = !back && diskRecordOf(instance).copy !== undefined;
  return isDone ? { action: { kind: 'proveOff' }, disk: { hasMoved: true } } : back;
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
  return stuck(operation, view, record, failure);
}

/** A guest that is still to leave its new place stays Resized, with both places, once it is out of Error. */
function stuck(
  operation: Move | 'RevertResize',
  { instance, now }: Pick<InstanceView, 'instance'> & { now?: Date | undefined },
  record: ResizeRecord,
  { code, message }: Failure,
): Situation {
  const outcome = { result: 'Failed', code, message, error: true } as const;
  if (record.moved && now)
    return ended(
      operation,
      outcome,
      { finishTime: now.toISOString() },
      { action: NONE, ...keptThere(instance) },
    );
  const { sourceNode: nodeName, oldFlavor: flavor } = record;
  const action: Action = { kind: 'keepPlace', nodeName, flavor };
  return ended(operation, outcome, null, { ...notAgain(record, { code, message }), action });
}

function lost(operation: OperationName): Situation {
  const message = 'status.resize is gone: nobody knows what to go on with';
  return ended(operation, { result: 'Failed', code: 'ResizeFailed', message, error: true }, undefined);
}
