import type { TaskState } from '#api/instance.ts';
import { holdsJust, notAgain } from './give-back.ts';
import type { BuiltFlavor } from './guest-size.ts';
import { type GuestView, isOver, type MoveView } from './guest-view.ts';
import { isNewPlace } from './resize.ts';
import type { ResizeRecord } from './resize-record.ts';
import { type Action, type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';
import { isPending, isSized } from './size-view.ts';

type Failure = NonNullable<ResizeRecord['failure']>;

/**
 * Grows a guest while it runs: a place of the new size is claimed on another node, KubeVirt is told the new size by the VM's template,
 * and moves the guest there, which makes it real. It ends with one place, without confirm and revert. What fails is given back; what
 * KubeVirt was told by then it keeps for as long as the guest runs, and no migration of that guest passes the gate.
 */
export function liveResize(view: InstanceView, { taskState, requestId }: InFlight): Situation {
  const record = view.instance.status?.resize;
  if (!record) return ended({ code: 'ResizeFailed', message: 'status.resize is gone' }, {});
  const nodes = { move: { sourceNode: record.sourceNode, targetNode: record.targetNode } };
  return { ...nextStep(view, record, { taskState: taskState ?? 'ResizePrep', requestId }), ...nodes };
}

function nextStep(
  view: InstanceView,
  record: ResizeRecord,
  { taskState, requestId }: { taskState: TaskState; requestId: string },
): Situation {
  if (taskState !== 'ResizePrep' && hasGrown(view.guest, record)) return arrived(view, record, taskState);
  if (taskState === 'ResizeReverting') return giveBack(view, record);
  const failure = whyGivenUp(view, record, requestId);
  if (failure) return giveUp(failure);
  if (taskState === 'ResizePrep') return prepare(view, record);
  if (taskState === 'ResizePlugging') return plug(view, record);
  return record.targetNode === undefined ? anotherPlace(view, record) : move(view, record);
}

function step(taskState: TaskState, action: Action, rest: Partial<Situation> = {}): Situation {
  return { operation: 'LiveResize', taskState, action, ...rest };
}

function ended(failure: Failure | undefined, rest: Partial<Situation>): Situation {
  const outcome = failure ? ({ result: 'Failed', ...failure } as const) : ({ result: 'Succeeded' } as const);
  return { operation: 'LiveResize', taskState: undefined, action: NONE, record: null, outcome, ...rest };
}

function giveUp({ code, message }: Failure): Situation {
  return step('ResizeReverting', NONE, { record: { failure: { code, message: message.slice(0, 512) } } });
}

/** Until the guest has its new size, it or whoever asked can think better of it, and KubeVirt or the target say no. */
function whyGivenUp(
  { instance, guest, homeLost }: InstanceView,
  { flavor, targetNode, excluded }: ResizeRecord,
  requestId: string,
): Failure | undefined {
  const { name } = instance.spec.flavorRef;
  if (name !== flavor.name) return { code: 'Superseded', message: `spec.flavorRef names ${name} by now` };
  if (isOver(guest.power) || guest.power === 'stopping')
    return { code: 'GuestStopped', message: 'the guest went off before it had grown' };
  if (homeLost !== undefined) return { code: 'NodeDown', message: homeLost };
  if (targetNode === undefined) {
    if (excluded) return undefined;
    if (!guest.migrating && !guest.moves.some(isUnderWay)) return undefined;
    return { code: 'GuestMoves', message: 'another migration of the guest is under way' };
  }
  if (guest.size?.memoryFailed) return { code: 'PlugFailed', message: 'KubeVirt could not plug the memory' };
  if (guest.vm?.restartRequired !== undefined)
    return { code: 'PlugRefused', message: `KubeVirt does not plug it: ${guest.vm.restartRequired}` };
  const own = guest.moves.find((it) => it.requestId === requestId);
  if (guest.nodeName === targetNode && !guest.migrating)
    return { code: 'PlugFailed', message: 'the guest moved, and KubeVirt did not plug it' };
  if (own?.end !== 'failed' || guest.migrating) return undefined; // the guest's own word, with the reason, is on its way
  const why = own.refusal ?? own.failure ?? 'KubeVirt does not say why';
  return { code: 'MigrationFailed', message: `the migration that plugs it failed: ${why}` };
}

/** KubeVirt has chosen it to be next, or is at it: one that is Pending has no pod yet. */
const isUnderWay = ({ end, phase }: MoveView): boolean => !end && phase !== '' && phase !== 'Pending';

function prepare(view: InstanceView, record: ResizeRecord): Situation {
  const place = view.claims.find(
    (it) => it.nodeName !== record.sourceNode && isNewPlace(it, view.instance, record),
  );
  if (!place) return step('ResizePrep', { kind: 'claimMove' });
  return step('ResizePrep', NONE, { next: 'ResizePlugging', record: { targetNode: place.nodeName } });
}

function plug({ guest: { vm, size } }: InstanceView, { flavor }: ResizeRecord): Situation {
  if (vm?.size && !isSized(vm.size, flavor)) return step('ResizePlugging', { kind: 'plugSize', flavor });
  const isTaken = size !== undefined && isSized(size.asked, flavor);
  return step('ResizePlugging', NONE, isTaken ? { next: 'Migrating' } : {});
}

/** KubeVirt's workload updater may be quicker than we are: its migration does as well. */
function move(view: InstanceView, record: ResizeRecord): Situation {
  const { guest } = view;
  if (guest.trouble?.kind === 'unschedulable') return refused(view, record, guest.trouble.message);
  const isMoving = guest.migrating || guest.moves.some(({ end }) => end !== 'failed' && end !== 'succeeded');
  if (isMoving) return step('Migrating', NONE);
  const { possible = true, message = '' } = guest.liveMigratable ?? {};
  if (!possible)
    return giveUp({ code: 'NotPossible', message: `KubeVirt cannot move the guest by now: ${message}` });
  return step('Migrating', { kind: 'moveToGrow' });
}

/** The pod of a guest that grew asks for more than the ratios may count on: kube-scheduler can refuse what is claimed. */
function refused({ maxAttempts }: InstanceView, record: ResizeRecord, message: string): Situation {
  const { targetNode = '', excluded = [] } = record;
  const tried = [...excluded, targetNode];
  if (tried.length < maxAttempts)
    return step('Migrating', NONE, { record: { excluded: tried, targetNode: undefined } });
  return giveUp({ code: 'NoValidHost', message: `${tried.join(', ')} refused the guest: ${message}` });
}

/** Once nothing of the attempt is left, its place goes, and another one is claimed. */
function anotherPlace(view: InstanceView, record: ResizeRecord): Situation {
  const { guest, claims, instance } = view;
  const { excluded = [], sourceNode, oldFlavor } = record;
  const going = guest.moves.find(isUnderWay);
  if (going) return abort('Migrating', going);
  if (isMoving(guest)) return step('Migrating', NONE);
  if (claims.some(({ nodeName }) => excluded.includes(nodeName)))
    return step('Migrating', { kind: 'keepPlace', nodeName: sourceNode, flavor: oldFlavor });
  const place = claims.find((it) => it.nodeName !== sourceNode && isNewPlace(it, instance, record));
  if (!place) return step('Migrating', { kind: 'claimMove' });
  return step('Migrating', NONE, { record: { targetNode: place.nodeName } });
}

const abort = (taskState: TaskState, { name, uid, isDeleting }: MoveView): Situation =>
  step(taskState, isDeleting ? NONE : { kind: 'abortMigration', name, uid });

const hasGrown = ({ power, size }: GuestView, { flavor }: ResizeRecord): boolean =>
  !isOver(power) && size !== undefined && isSized(size, flavor) && !size.plugging;

/** The old launcher has to be gone before its place is. */
function arrived(view: InstanceView, record: ResizeRecord, taskState: TaskState): Situation {
  if (isMoving(view.guest)) return step(taskState, NONE);
  return keep(view, record);
}

const isMoving = ({ migrating, moves, pods }: GuestView): boolean =>
  migrating || moves.some(isUnderWay) || pods.length > 1;

/** One place, where the guest is, at the new size. */
function keep({ guest, claimNode }: InstanceView, record: ResizeRecord, message?: string): Situation {
  const { flavor, sourceNode } = record;
  const nodeName = guest.nodeName ?? claimNode ?? sourceNode;
  if (guest.vm?.size && !isSized(guest.vm.size, flavor))
    return step('ResizeReverting', { kind: 'plugSize', flavor });
  const said =
    message ?? (record.failure && `it had grown before it was given up: ${record.failure.message}`);
  const outcome = { result: 'Succeeded', ...(said !== undefined && { message: said }) } as const;
  return ended(undefined, { action: { kind: 'keepPlace', nodeName, flavor }, flavor, outcome });
}

function giveBack(view: InstanceView, record: ResizeRecord): Situation {
  const { guest } = view;
  const isOurs = (it: MoveView) => !it.end && it.requestId === record.requestId;
  const going = guest.moves.find((it) => isUnderWay(it) || isOurs(it));
  const isLost = view.homeLost !== undefined; // KubeVirt ends no migration without the node that the guest leaves
  if (going && !hasCarriedOut(guest, going) && !(isLost && going.isDeleting))
    return abort('ResizeReverting', going);
  if (!isLost && (guest.migrating || guest.pods.length > 1)) return step('ResizeReverting', NONE);
  const { oldFlavor, sourceNode } = record;
  if (hasGrownInPart(guest, oldFlavor)) return keep(view, record, inPart(record));
  const nodeName = guest.nodeName ?? sourceNode;
  if (guest.vm?.size && !isSized(guest.vm.size, oldFlavor))
    return step('ResizeReverting', { kind: 'plugSize', flavor: oldFlavor });
  if (!isLost && !holdsJust(view, nodeName, oldFlavor))
    return step('ResizeReverting', { kind: 'keepPlace', nodeName, flavor: oldFlavor });
  return failed(guest, record);
}

/** KubeVirt does not end a migration that has moved the guest as long as there is something to plug, which may be for ever. */
const hasCarriedOut = ({ migrating, nodeName }: GuestView, { targetNode }: MoveView): boolean =>
  !migrating && nodeName !== undefined && nodeName === targetNode;

/** What was plugged cannot be taken out again, and is claimed. */
const hasGrownInPart = ({ power, size }: GuestView, old: BuiltFlavor): boolean =>
  !isOver(power) && size !== undefined && (size.vcpus > old.vcpus || size.memoryMiB > old.memoryMiB);

const inPart = ({ failure }: ResizeRecord): string =>
  `a part was plugged, and the rest comes with the next start: ${failure?.message ?? 'KubeVirt does not say why'}`;

function failed({ size, power }: GuestView, record: ResizeRecord): Situation {
  const { code, message } = record.failure ?? { code: 'ResizeFailed', message: 'it was given up' };
  const left = isPending(size) && !isOver(power) ? `. ${STILL_ASKED}` : '';
  const failure = { code, message: `${message}${left}` };
  return ended(failure, notAgain(record, failure));
}

const STILL_ASKED =
  'The guest has its old size; KubeVirt keeps the new one asked until the guest is stopped and started, and until then it cannot move while it runs, but to try this again';

/** A step that took too long. What has grown is kept; giving back itself is not waited for for ever. */
export function liveResizeOverdue(view: InstanceView, taskState: TaskState, message: string): Situation {
  const record = view.instance.status?.resize;
  if (record && hasGrown(view.guest, record)) return keep(view, record);
  const failure = { code: 'DeadlineExceeded', message };
  if (record && taskState !== 'ResizeReverting') return giveUp(failure);
  return ended(failure, record ? notAgain(record, failure) : {});
}
