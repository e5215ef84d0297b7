import { withDisks } from './copy-disks.ts';
import { diskRecordOf } from './disk-record.ts';
import { type GuestView, isOver, type MoveView } from './guest-view.ts';
import { endedAs, type OperationRequest } from './request.ts';
import {
  type Action,
  type InFlight,
  type InstanceView,
  NONE,
  type Outcome,
  type Situation,
} from './situation.ts';

/**
 * Moves a guest while it runs: a place is claimed first, so that a move that fits nowhere costs nothing; then KubeVirt is
 * asked. A move that Berth was not asked for is followed by the same steps, once it is seen. Where the guest is in the
 * end decides how it ended, whatever was said or asked meanwhile.
 */
export function liveMigrate(view: InstanceView, inFlight: InFlight): Situation {
  return withDisks(view, inFlight, nextStep(view, inFlight));
}

function nextStep(view: InstanceView, inFlight: InFlight): Situation {
  const { guest, instance, targetClaim } = view;
  const sourceNode = instance.status?.operation?.sourceNode;
  const move = moveFor(view, inFlight);
  const nodes = { move: { sourceNode, targetNode: move?.targetNode ?? targetClaim } };
  if (move && !move.end) return { ...underWay(view, inFlight, move), ...nodes };
  const stay = step(inFlight.taskState ?? 'Migrating');
  const hasCome = hasArrived(guest, sourceNode);
  if (guest.migrating && (hasCome || view.homeLost === undefined)) return { ...stay, ...nodes };
  if (!hasCome && view.homeLost === undefined && triesAnother(view, inFlight))
    return { ...anotherTarget(view, move), ...nodes };
  const end = hasCome ? arrived(view) : notArrived(view, inFlight, move);
  if (end) return { ...step(undefined, { outcome: end }), ...nodes };
  if (move) return { ...stay, ...nodes };
  return {
    ...step('Migrating', { action: { kind: targetClaim ? 'liveMigrate' : 'claimTarget' } }),
    ...nodes,
  };
}

/** While disks are copied KubeVirt's workload updater may be quicker than we are: its migration does as well. */
function moveFor({ guest, instance }: InstanceView, { requestId }: InFlight): MoveView | undefined {
  const own = guest.moves.find((it) => it.requestId === requestId);
  const isCopied = diskRecordOf(instance).copy?.requestId === requestId;
  return own ?? (isCopied ? guest.moves.find(({ end }) => !end) : undefined);
}

const step = (taskState: Situation['taskState'], rest: Partial<Situation> = {}): Situation => ({
  operation: 'LiveMigrate',
  taskState,
  action: NONE,
  ...rest,
});

/** Also one that went off after that. */
const hasArrived = ({ nodeName }: GuestView, sourceNode: string | undefined): boolean =>
  nodeName !== undefined && sourceNode !== undefined && nodeName !== sourceNode;

/** KubeVirt is at it: wait, unless it shall be given up, or nothing can come of it. */
function underWay(view: InstanceView, { taskState }: InFlight, move: MoveView): Situation {
  const { trouble } = view.guest;
  const sourceNode = view.instance.status?.operation?.sourceNode;
  if (view.homeLost !== undefined && !hasArrived(view.guest, sourceNode))
    return offLostNode(view.homeLost, move);
  if (taskState !== 'MigrationAborting' && !isCancelled(view)) {
    const refused = trouble?.kind === 'unschedulable';
    if (isPassedOver(view) && (refused || move.isDeleting)) return anotherTarget(view, move);
    if (!refused) return step('Migrating');
    const passOver = passingOver(view, trouble.message);
    if (passOver) return step('Migrating', { action: passOver });
    return step('MigrationAborting', { blocked: { reason: 'NoValidHost', message: trouble.message } });
  }
  const message = view.instance.status?.operation?.waitingFor;
  const said = taskState === 'MigrationAborting' && message !== undefined;
  return step('MigrationAborting', {
    action: move.isDeleting ? NONE : abortOf(view, move),
    ...(said && { blocked: { reason: 'MigrationAborting', message } }),
  });
}

/** One that KubeVirt made is followed by another of its own: that one has to know which node it was. */
function abortOf({ guest: { trouble }, targetClaim }: InstanceView, { name, uid, origin }: MoveView): Action {
  const isRefused = origin !== undefined && targetClaim !== undefined && trouble?.kind === 'unschedulable';
  const refusal = isRefused && { message: trouble.message, nodeName: targetClaim };
  return { kind: 'abortMigration', name, uid, ...(refusal && { refusal }) };
}

/**
 * KubeVirt waits for the virt-handler of the node that the guest leaves, whatever it is asked: it is told to give the move
 * up, which it does when the node is back; nobody waits for that here, since evacuation is the way out.
 */
function offLostNode(why: string, { name, uid, isDeleting }: MoveView): Situation {
  if (isDeleting) return step(undefined, { outcome: sourceLost(why) });
  return step('MigrationAborting', {
    action: { kind: 'abortMigration', name, uid },
    blocked: { reason: 'NodeDown', message: why },
  });
}

const sourceLost = (why: string): Outcome =>
  failed(
    'NodeDown',
    `${why}. KubeVirt neither moves the guest off that node nor gives that up without it: wait until it is back, or have it fenced and evacuate the Instance`,
  );

/** The nodes that refused the guest since the move was asked for. */
const refusals = ({ asking }: InstanceView) => asking?.placement?.excluded ?? [];

const isPassedOver = (view: InstanceView): boolean =>
  refusals(view).some(({ nodeName }) => nodeName === view.targetClaim);

/** A target that was not asked for by name may be another, a few times. */
function passingOver(view: InstanceView, message: string): Action | undefined {
  const { asking, targetClaim: nodeName, maxAttempts } = view;
  const isFree = asking?.migration !== undefined && asking.migration.targetNode === undefined;
  if (!isFree || nodeName === undefined || refusals(view).length + 1 >= maxAttempts) return undefined;
  return { kind: 'passOver', nodeName, message };
}

const triesAnother = (view: InstanceView, { taskState }: InFlight): boolean =>
  isPassedOver(view) &&
  taskState !== 'MigrationAborting' &&
  !isCancelled(view) &&
  !isOver(view.guest.power) &&
  view.guest.power !== 'stopping';

/** Its target refused the guest: once nothing of the attempt is left, its place is given up, and another one claimed. */
function anotherTarget({ guest, targetClaim }: InstanceView, move: MoveView | undefined): Situation {
  const message = `${targetClaim} refused the guest: another node is tried`;
  const blocked = { reason: 'NodeRefused', message };
  if (move) {
    const { name, uid, isDeleting } = move;
    return step('Migrating', { action: isDeleting ? NONE : { kind: 'abortMigration', name, uid }, blocked });
  }
  const isLeft = guest.pods.length > 1;
  return step('Migrating', { action: isLeft ? NONE : { kind: 'dropTarget' }, blocked });
}

/** Its object asks for it to be given up, or is gone. */
function isCancelled({ instance, asking }: InstanceView): boolean {
  if (instance.status?.operation?.source?.kind !== 'InstanceMigration') return false;
  return asking === undefined || asking.cancelled;
}

function arrived(view: InstanceView): Outcome {
  if (!isCancelled(view)) return { result: 'Succeeded' };
  return { result: 'Succeeded', message: 'it was cancelled too late: the guest had moved already' };
}

/** How a move ended that left the guest where it was; undefined: it has not ended. */
function notArrived(
  view: InstanceView,
  { taskState }: InFlight,
  move: MoveView | undefined,
): Outcome | undefined {
  const { guest, instance } = view;
  if (isOver(guest.power) || guest.power === 'stopping' || guest.power === 'starting')
    return failed('GuestStopped', 'the guest went off before it had moved');
  if (move?.end === 'succeeded') return undefined; // the cache of guests lags
  if (isCancelled(view))
    return { result: 'Cancelled', message: 'it was cancelled; the guest stays where it is' };
  if (view.homeLost !== undefined) return sourceLost(view.homeLost);
  if (move?.refusal !== undefined)
    return failed('NoValidHost', `${move.refusal}. The guest stays where it is`);
  const said = move?.failure && `KubeVirt: ${move.failure}`;
  const why = taskState === 'MigrationAborting' ? instance.status?.operation?.waitingFor : undefined;
  const reasons = [why, said].filter((it) => it !== undefined && it !== '').join('; ');
  if (move || why !== undefined)
    return failed(
      'MigrationFailed',
      `${reasons || 'KubeVirt gave up, and does not say why'}. The guest stays where it is`,
    );
  if (instance.status?.operation?.source?.kind !== 'InstanceMigration')
    return failed(
      'MigrationFailed',
      'its VirtualMachineInstanceMigration was deleted; the guest stays where it is',
    );
  return undefined;
}

const failed = (code: string, message: string): Outcome => ({ result: 'Failed', code, message });

/**
 * A move that Berth was not asked for, once KubeVirt looks for a place for it. One that was given up is none, though KubeVirt
 * may be long in ending it.
 */
export function foreignMove({ instance, guest }: InstanceView): OperationRequest | undefined {
  const { moves, power } = guest;
  if (power !== 'running' && power !== 'paused') return undefined;
  const isNew = (requestId: string) => endedAs(instance, requestId) === undefined;
  const move = moves.find(
    ({ end, phase, requestId }) => !end && phase !== '' && phase !== 'Pending' && isNew(requestId),
  );
  if (!move) return undefined;
  return {
    kind: 'VirtualMachineInstanceMigration',
    name: move.name,
    uid: move.uid,
    requestId: move.requestId,
    operation: 'LiveMigrate',
    cancelled: false,
    requestedBy: move.origin,
  };
}
