import {
  claimOfDisk,
  copyFor,
  copyGivenUp,
  type DiskChange,
  type DiskClaim,
  type DiskCopy,
  diskRecordOf,
  hasMovedTo,
  isOn,
  ROOT,
} from './disk-record.ts';
import { isOver } from './guest-view.ts';
import { type Action, type InFlight, type InstanceView, NONE, type Situation } from './situation.ts';

/**
 * Disks that are not shared move along with their guest, where they were made for the Instance: for each an empty claim like it is made
 * on the node that is claimed, the VM's template names those, which KubeVirt takes for a volume migration, and the live migration copies
 * the disks (ADR 0058). All that tie the guest go at once. Until it is there the old claims are its disks; of what fails the new
 * ones are removed.
 */

/** Are disks all that keeps the guest from moving, and does KubeVirt copy them? Their names. */
export function disksToCopy(view: InstanceView): readonly string[] {
  const { tiedBy = [] } = view.guest;
  const isAll = tiedBy.every((name) => isReplaceable(view, name)) && whyNotCopied(view) === undefined;
  return isAll ? tiedBy : [];
}

/** The first that is not copied along. */
export const tiedFast = (view: InstanceView): string | undefined =>
  view.guest.tiedBy?.find((name) => !isReplaceable(view, name));

/** The root disk, or a volume that was made for the Instance and that the guest has: of others the claim is not ours to replace. */
const isReplaceable = ({ volumes }: InstanceView, name: string): boolean =>
  name === ROOT ||
  volumes.some(
    (it) => it.name === name && it.wanted && it.replaceable && it.configured && it.guest === 'ready',
  );

/** Why KubeVirt copies no disk now, where only disks keep the guest from moving. */
export function whyNotCopied({ guest, liveUpdates }: InstanceView): string | undefined {
  if (!liveUpdates)
    return "KubeVirt copies disks of a guest that runs only with its configuration's vmRolloutStrategy LiveUpdate";
  if (guest.disks?.halfSince) return HALF_DONE;
  if (guest.vm?.restartRequired === undefined) return undefined;
  return `KubeVirt copies its disks only after it was stopped and started, which a reboot does not do: ${STOP_AND_START}. KubeVirt says: ${guest.vm.restartRequired}`;
}

const STOP_AND_START = 'set spec.powerState to Stopped, then to Running';

export const HALF_DONE = `KubeVirt left a copy of its disks half done, and copies them, or moves the guest, only after it was stopped and started, which a reboot does not do: ${STOP_AND_START}`;

/** What a live migration does for disks that are copied, beside its own steps: before KubeVirt is asked, and when it is given up. */
export function withDisks(view: InstanceView, inFlight: InFlight, situation: Situation): Situation {
  const { copy } = diskRecordOf(view.instance);
  const { action } = situation;
  const isAsking = action.kind === 'liveMigrate';
  if (!copy) return isAsking && disksToCopy(view).length > 0 ? begin(view, inFlight, situation) : situation;
  if (copy.requestId !== inFlight.requestId) return situation;
  if (hasMovedTo(copy, view.guest)) return goneAfterMove(view, copy, situation);
  const isFailure = situation.outcome !== undefined && situation.outcome.result !== 'Succeeded';
  if (isFailure && mayStillMove(view)) return situation;
  const refused = isAsking ? whyRefused(view) : undefined;
  const undo = giveBack(view, copy, isFailure || refused !== undefined);
  const told = { ...inFlight, said: view.instance.status?.operation?.waitingFor };
  if (isFailure || action.kind === 'dropTarget') return gaveBack(situation, undo, told);
  if (!isAsking) return situation;
  if (refused !== undefined) return gaveBack({ ...situation, ...notTaken(refused) }, undo, told);
  if (copy.nodeName !== view.targetClaim) return gaveBack({ ...situation, action: NONE }, undo, told);
  const next = preparation(view, copy);
  return next ? { ...situation, action: next } : situation;
}

/** A guest that went before it was seen on its new node shows nobody where its place is. */
function goneAfterMove({ guest }: InstanceView, { nodeName }: DiskCopy, situation: Situation): Situation {
  if (guest.nodeName !== undefined || situation.outcome?.result !== 'Failed') return situation;
  const message = `the guest was taken away just as it had moved: its disks are on ${nodeName}, its place is where it was. Migrate it there: an InstanceMigration of type Cold with targetNode ${nodeName}`;
  return { ...situation, outcome: { ...situation.outcome, message } };
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
    message: `KubeVirt does not copy its disks: ${why}. The guest stays where it is`,
  },
});

/** Written down before anything is made, all at once. What an earlier attempt left goes first. */
function begin(view: InstanceView, { requestId }: InFlight, situation: Situation): Situation {
  const { instance, targetClaim: nodeName } = view;
  const [left] = diskRecordOf(instance).left;
  if (left) return { ...situation, blocked: stillThere(left), ...removal(view) };
  if (nodeName === undefined) return situation;
  const copy = copyFor(instance, { requestId, nodeName }, disksToCopy(view));
  return { ...situation, action: NONE, disk: { copy } };
}

export const stillThere = ({ claimName }: DiskClaim): Situation['blocked'] => ({
  reason: 'VolumeInUse',
  message: `PersistentVolumeClaim ${claimName} of an earlier move is still there: see what uses it`,
});

/**
 * That it wants a restart came of the copy, which is not begun where it does; it stays so when the old claims are named again. What it is
 * about to do it may yet do for some seconds.
 */
function whyRefused({ guest: { vm, disks }, now }: InstanceView): string | undefined {
  const isHalf = disks?.halfSince && now.getTime() - disks.halfSince.getTime() > HALF_DONE_AFTER_MS;
  return vm?.restartRequired ?? (isHalf ? HALF_DONE : undefined);
}

const HALF_DONE_AFTER_MS = 10_000;
/** Caches of KubeVirt lag: of a disk that it does not know to be full yet it wants a restart. */
const KNOWN_AFTER_MS = 3_000;

/** What is left to do before the migration can begin. */
function preparation({ guest, copyDisks = {}, now }: InstanceView, copy: DiskCopy): Action | undefined {
  const missing = copy.disks.find(({ claimName }) => !copyDisks[claimName]?.exists);
  if (missing) return { kind: 'makeCopy', ...missing, nodeName: copy.nodeName };
  if (copy.disks.some(({ claimName }) => !copyDisks[claimName]?.ready)) return NONE;
  const { vm, disks } = guest;
  if (vm && !copy.disks.every((it) => isOn(it, vm.claims))) {
    const isNew = ({ claimName }: DiskClaim) =>
      now.getTime() - (copyDisks[claimName]?.readySince?.getTime() ?? 0) < KNOWN_AFTER_MS;
    return copy.disks.some(isNew) ? { kind: 'lookAgain' } : nameDisks(copy.disks);
  }
  if (disks?.halfSince) return { kind: 'lookAgain' };
  const isAsked =
    disks?.isTakenUp && copy.disks.every((it) => isOn(it, disks.copiedTo) && isOn(it, disks.claims));
  return isAsked && guest.liveMigratable?.possible ? undefined : NONE;
}

const nameDisks = (disks: readonly DiskClaim[]): Action => ({ kind: 'nameDisks', disks });

type Undo = { action: Action } | { disk: DiskChange };

/** The old claims are the disks as before: named again, and once KubeVirt has taken that up, the copies are left. */
function giveBack({ instance, guest, homeLost }: InstanceView, copy: DiskCopy, isLast: boolean): Undo {
  const { disks, vm } = guest;
  const runs = !isOver(guest.power);
  const isAsked = runs && Object.keys(disks?.copiedTo ?? {}).length > 0;
  if (copy.disks.some((it) => isOn(it, vm?.claims))) {
    // KubeVirt takes nothing back before it has taken it up.
    const isBetween = isAsked && !disks?.isTakenUp && vm?.restartRequired === undefined;
    const old = copy.disks.map(({ name }) => ({ name, claimName: claimOfDisk(instance, name) }));
    return { action: isBetween ? NONE : nameDisks(old) };
  }
  const isLeft = { disk: copyGivenUp(instance) };
  const hasNew = copy.disks.some((it) => isOn(it, disks?.claims));
  const isStuck = disks?.halfSince !== undefined || vm?.restartRequired !== undefined;
  // KubeVirt may not get out of that, which nothing but another try would have to wait for: the gate lets no guest move so.
  if (isAsked && isStuck && !hasNew && isLast) return isLeft;
  if (isAsked || (runs && hasNew)) return { action: NONE };
  // virt-handler has its say after that: until then it says that the guest can move, which it could with the copies.
  if (runs && homeLost === undefined && guest.liveMigratable?.possible) return { action: NONE };
  return isLeft;
}

/** It ends, or tries another node, only once the disks have been given back; until then what it waits for stays as it is told. */
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

/**
 * A claim that no guest has, and no VM names, goes; the record of it once it has, one after the other. Of one that the caches do not
 * know the API server is asked once more: it may have been made a moment ago.
 */
export function removal({
  instance,
  guest,
  leftDisks = [],
}: InstanceView): Pick<Situation, 'action' | 'disk'> {
  if (guest.migrating || guest.pods.length > 1) return { action: NONE }; // until there is one pod, the other may have it
  const { left } = diskRecordOf(instance);
  const free = left.filter((it) => !isOn(it, guest.vm?.claims) && !isOn(it, guest.disks?.claims));
  const known = ({ claimName }: DiskClaim) => leftDisks.find((it) => it.claimName === claimName);
  const gone = free.find((it) => !known(it));
  if (gone)
    return { action: { kind: 'dropDisk', ...gone }, disk: { left: left.filter((it) => it !== gone) } };
  const next = free.find((it) => !known(it)?.isDeleting);
  return { action: next ? { kind: 'dropDisk', ...next } : NONE };
}

/** What a move that is over left of the disks: copies of one that was not carried out, then claims that are no disks any more. */
export function disksLeft(view: InstanceView): Situation | undefined {
  const { guest, instance } = view;
  const { copy, left } = diskRecordOf(instance);
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
    const undo = giveBack(view, copy, true);
    if ('disk' in undo) return still({ action: NONE, disk: undo.disk });
    return undo.action.kind === 'none' ? undefined : still(undo); // nothing waits for what KubeVirt is long in taking back
  }
  if (left.length === 0) return undefined;
  const rest = removal(view);
  return rest.action.kind === 'none' && rest.disk === undefined ? undefined : still(rest);
}
