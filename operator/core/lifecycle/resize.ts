import type { TaskState } from '#api/instance.ts';
import { covers } from '../scheduling/resources.ts';
import { type Along, takeAlong } from './cold-copy.ts';
import { giveBack, lost, notPlaced } from './give-back.ts';
import { resourcesOf } from './guest-size.ts';
import { worthAnotherNode } from './guest-view.ts';
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
import { type HeldPlace, type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';

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
        if (!isOff(view.guest)) return step(operation, 'ResizeMigrated', haltAction(view.guest));
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
  const along: Along = isLost ? { kind: 'none' } : takeAlong(view, requestId, targetNode);
  if (along.kind === 'failed') return giveUp(operation, along.failure);
  if (along.kind === 'goesOn') return { ...step(operation, taskState, along.action), ...toldOf(along) };
  const isThere = { next: 'ResizeMigrated', record: { moved: true } } as const;
  return step(
    operation,
    taskState,
    { kind: 'proveOff' },
    { ...isThere, ...(along.kind === 'ready' && { disk: { hasMoved: true } }) },
  );
}

function boot(
  operation: Move,
  { guest, now, confirmWindowMs }: InstanceView,
  record: ResizeRecord,
): Situation {
  const end = operation === 'Evacuate' ? evacuated(now) : finished(now, confirmWindowMs);
  if (!record.ran || guest.power === 'running') return ended(operation, { result: 'Succeeded' }, end);
  const refused = guest.power === 'starting' && worthAnotherNode(guest.trouble);
  if (!refused && guest.power !== 'failed') return step(operation, 'ResizeFinish', startAction(guest));
  const message = `it did not start on ${record.targetNode}: ${guest.trouble?.message ?? 'the guest failed'}`;
  if (operation === 'Evacuate')
    return ended(operation, { result: 'Failed', code: 'StartFailed', message, error: true }, end);
  return giveUp(operation, { code: 'StartFailed', message });
}
