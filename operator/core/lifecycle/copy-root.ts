import { isOver } from './guest-view.ts';
import { derivedRequestId } from './request-id.ts';
import { hasMovedTo, type RootCopy, type RootDiskChange, rootClaimOf } from './root-disk.ts';
import { type Action, type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';

/**
 * A root disk that is not shared moves along with its guest: an empty claim like it is made on the node that is claimed, the VM's
 * template names that, which KubeVirt takes for a volume migration, and the live migration copies the disk (ADR 0058). Until the
 * guest is there the old claim is its disk; of what fails the new one is removed.
 */

/** Is the root disk all that keeps the guest from moving, and does KubeVirt copy it? */
export const copiesRoot = (view: InstanceView): boolean =>
  isTiedByRoot(view) && whyNotCopied(view) === undefined;

const isTiedByRoot = ({ guest: { tiedBy = [] } }: InstanceView): boolean =>
  tiedBy.length === 1 && tiedBy[0] === ROOT;

/** Name of the root disk among a guest's volumes. */
export const ROOT = 'root';

/** Why KubeVirt copies no disk now, where only disks keep the guest from moving. */
export function whyNotCopied({ guest, liveUpdates }: InstanceView): string | undefined {
  if (!liveUpdates)
    return "KubeVirt copies disks of a guest that runs only with its configuration's vmRolloutStrategy LiveUpdate";
  if (guest.vm?.restartRequired === undefined) return undefined;
  return `KubeVirt copies its disk only after it was stopped and started: ${guest.vm.restartRequired}`;
}

/** What a live migration does for a root disk that is copied, beside its own steps: before KubeVirt is asked, and when it is given up. */
export function withRootDisk(view: InstanceView, inFlight: InFlight, situation: Situation): Situation {
  const { copy, left } = view.instance.status?.rootDisk ?? {};
  const { action } = situation;
  const isAsking = action.kind === 'liveMigrate';
  if (!copy) return isAsking && copiesRoot(view) ? begin(view, inFlight, { situation, left }) : situation;
  if (copy.requestId !== inFlight.requestId || hasMovedTo(copy, view.guest)) return situation;
  const isFailure = situation.outcome !== undefined && situation.outcome.result !== 'Succeeded';
  if (isFailure && mayStillMove(view)) return situation;
  const undo = giveBack(view, copy);
  const told = { ...inFlight, said: view.instance.status?.operation?.waitingFor };
  if (isFailure || action.kind === 'dropTarget') return gaveBack(situation, undo, told);
  if (!isAsking) return situation;
  const taken = view.guest.vm?.rootClaim === copy.claimName;
  const refused = taken ? view.guest.vm?.restartRequired : undefined;
  if (refused !== undefined) return gaveBack({ ...situation, ...notTaken(refused) }, undo, told);
  if (copy.nodeName !== view.targetClaim) return gaveBack({ ...situation, action: NONE }, undo, told);
  const next = preparation(view, copy);
  return next ? { ...situation, action: next } : situation;
}

/** KubeVirt ends no migration off a node that is lost: for all that anybody knows the guest may get there. */
const mayStillMove = ({ guest, homeLost }: InstanceView): boolean =>
  homeLost !== undefined && !isOver(guest.power) && (guest.migrating || guest.moves.some(({ end }) => !end));

const notTaken = (why: string): Pick<Situation, 'taskState' | 'action' | 'outcome'> => ({
  taskState: undefined,
  action: NONE,
  outcome: {
    result: 'Failed',
    code: 'MigrationRefused',
    message: `KubeVirt does not copy the root disk: ${why}. The guest stays where it is`,
  },
});

/** Written down before anything is made. What an earlier attempt left goes first. */
function begin(
  view: InstanceView,
  { requestId }: InFlight,
  { situation, left }: { situation: Situation; left: string | undefined },
): Situation {
  const { instance, targetClaim: nodeName } = view;
  if (left !== undefined) return { ...situation, ...removal(view, left) };
  if (nodeName === undefined) return situation;
  const suffix = derivedRequestId(requestId, nodeName).slice(4, 12);
  const claimName = `${instance.metadata.name}-root-${suffix}`;
  return { ...situation, action: NONE, disk: { copy: { claimName, nodeName, requestId } } };
}

/** What is left to do before the migration can begin. */
function preparation(
  { guest, copyDisk }: InstanceView,
  { claimName, nodeName }: RootCopy,
): Action | undefined {
  if (!copyDisk?.exists) return { kind: 'makeCopy', claimName, nodeName };
  if (!copyDisk.ready) return NONE;
  if (guest.vm && guest.vm.rootClaim !== claimName) return { kind: 'nameRoot', claimName };
  const isAsked = guest.root?.copiedTo === claimName && guest.root.isTakenUp;
  return isAsked && guest.liveMigratable?.possible ? undefined : NONE;
}

type Undo = { action: Action } | { disk: RootDiskChange };

/** The old claim is the disk as before: named again, and once KubeVirt has taken that up, the copy is left. */
function giveBack({ instance, guest, homeLost }: InstanceView, { claimName }: RootCopy): Undo {
  const { root, vm } = guest;
  const runs = !isOver(guest.power);
  if (vm?.rootClaim === claimName) {
    // KubeVirt takes nothing back before it has taken it up.
    const isBetween = runs && root?.copiedTo !== undefined && !root.isTakenUp;
    return { action: isBetween ? NONE : { kind: 'nameRoot', claimName: rootClaimOf(instance) } };
  }
  if (runs && (root?.copiedTo !== undefined || root?.claimName === claimName)) return { action: NONE };
  // virt-handler has its say after that: until then it says that the guest can move, which it could with the copy.
  if (runs && homeLost === undefined && guest.liveMigratable?.possible) return { action: NONE };
  return { disk: { copy: null, left: claimName } };
}

/** It ends, or tries another node, only once the disk has been given back; until then what it waits for stays as it is told. */
function gaveBack(
  situation: Situation,
  undo: Undo,
  { taskState = 'Migrating', said }: InFlight & { said: string | undefined },
): Situation {
  if ('disk' in undo)
    return { ...situation, action: situation.outcome ? situation.action : NONE, disk: undo.disk };
  const { operation, move, outcome } = situation;
  const message = taskState === 'MigrationAborting' ? said : outcome?.message;
  const blocked = message !== undefined && { blocked: { reason: 'MigrationAborting', message } };
  return { operation, taskState, action: undo.action, ...(move && { move }), ...blocked };
}

/** A claim that no guest has, and no VM names, goes; the record of it once it has. */
function removal({ guest, leftDisk }: InstanceView, claimName: string): Pick<Situation, 'action' | 'disk'> {
  if (!leftDisk) return { action: NONE, disk: { left: null } };
  const isNamed = guest.vm?.rootClaim === claimName || guest.root?.claimName === claimName;
  const isUsed = isNamed || guest.migrating || guest.pods.length > 1; // until there is one pod, the other may have it
  return { action: isUsed || leftDisk.isDeleting ? NONE : { kind: 'dropDisk', claimName } };
}

/** What a move that is over left of two root disks: the copy of one that was not carried out, then the claim that is no disk any more. */
export function rootDiskLeft(view: InstanceView): Situation | undefined {
  const { guest, instance } = view;
  const { copy, left } = instance.status?.rootDisk ?? {};
  const still = (rest: Pick<Situation, 'action' | 'disk'>): Situation => ({
    operation: undefined,
    taskState: undefined,
    ...rest,
  });
  if (copy && hasMovedTo(copy, guest)) return still({ action: NONE }); // that is written down first
  if (copy) {
    if (mayStillMove(view) || guest.power === 'stopping' || guest.power === 'unknown') return undefined;
    const move = guest.moves.find(({ end }) => !end);
    if (move && !isOver(guest.power)) {
      const { name, uid, isDeleting } = move;
      return still({ action: isDeleting ? NONE : { kind: 'abortMigration', name, uid } });
    }
    if (guest.migrating && !isOver(guest.power)) return still({ action: NONE });
    const undo = giveBack(view, copy);
    if ('disk' in undo) return still({ action: NONE, disk: undo.disk });
    return undo.action.kind === 'none' ? undefined : still(undo); // nothing waits for what KubeVirt is long in taking back
  }
  if (left === undefined) return undefined;
  const rest = removal(view, left);
  return rest.action.kind === 'none' && rest.disk === undefined ? undefined : still(rest);
}
