import type { Instance, InstanceStatus } from '#api/instance.ts';
import { type GuestView, isOver, type MoveView } from './guest-view.ts';
import { derivedRequestId } from './request-id.ts';
import type { InstanceView, Situation } from './situation.ts';

type Recorded = Pick<Instance, 'metadata' | 'status'>;

/** Name of the root disk among a guest's disks; the others have theirs from spec.volumes. */
export const ROOT = 'root';

/** A disk by its name, and one of the claims that it is, was, or may be on. */
export interface DiskClaim {
  name: string;
  claimName: string;
}

/** Disks that a move copies, and where to. */
export interface DiskCopy {
  requestId: string;
  nodeName: string;
  disks: readonly DiskClaim[];
}

/** Where the disks that were made for the Instance are, as far as not under their first names. */
export interface DiskRecord {
  /** The claims of those that a move took along. */
  moved: readonly DiskClaim[];
  copy?: DiskCopy | undefined;
  /** Claims that are no disks any more. */
  left: readonly DiskClaim[];
}

/** What a situation makes of the record; null: it goes. */
export interface DiskChange {
  copy?: DiskCopy | null;
  left?: readonly DiskClaim[];
  /** What was copied is the disks, though no guest shows it. */
  hasMoved?: true;
}

/** Has the guest come to what was copied, and is that not written down yet? */
export function isArrivalNew(instance: Recorded, guest: GuestView): boolean {
  const { copy } = diskRecordOf(instance);
  return copy !== undefined && hasMovedTo(copy, guest);
}

/** Copies of these disks that a request makes on a node: no two attempts share a claim. */
export function copyFor(
  { metadata }: Recorded,
  { requestId, nodeName }: Pick<DiskCopy, 'requestId' | 'nodeName'>,
  names: readonly string[],
): DiskCopy {
  const suffix = derivedRequestId(requestId, nodeName).slice(4, 12);
  const disks = names.map((name) => ({ name, claimName: `${metadata.name}-${name}-${suffix}` }));
  return { requestId, nodeName, disks };
}

/** What becomes of the record where copies are no disks, and go. */
export function copyGivenUp(instance: Recorded): DiskChange {
  const { copy, left } = diskRecordOf(instance);
  return { copy: null, left: [...left, ...(copy?.disks ?? [])] };
}

/** What was copied is the disks, and those that it was copied from are none any more. */
function withCopies({ moved, left }: DiskRecord, { disks }: DiskCopy, instance: Recorded): DiskRecord {
  const names = disks.map(({ name }) => name);
  const old = names.map((name) => ({ name, claimName: claimIn(moved, instance, name) }));
  const isNone = ({ claimName }: DiskClaim) => !disks.some((it) => it.claimName === claimName);
  return {
    moved: [...moved.filter(({ name }) => !names.includes(name)), ...disks],
    copy: undefined,
    left: [...left, ...old.filter(isNone)],
  };
}

/** Also as earlier versions wrote it, of a root disk alone. */
export function diskRecordOf({ status }: Recorded): DiskRecord {
  const { rootDisk, disks } = status ?? {};
  const { claimName, copy, left } = rootDisk ?? {};
  const before = copy && {
    requestId: copy.requestId,
    nodeName: copy.nodeName,
    disks: [{ name: ROOT, claimName: copy.claimName }],
  };
  return {
    moved: [...(claimName === undefined ? [] : [{ name: ROOT, claimName }]), ...(disks?.moved ?? [])],
    copy: disks?.copy ?? before,
    left: [...(disks?.left ?? []), ...(left === undefined ? [] : [{ name: ROOT, claimName: left }])],
  };
}

/** The PersistentVolumeClaim of a disk that was made for the Instance, and the DataVolume of the same name. */
export const claimOfDisk = (instance: Recorded, name: string): string =>
  claimIn(diskRecordOf(instance).moved, instance, name);

const claimIn = (moved: readonly DiskClaim[], { metadata }: Recorded, name: string): string =>
  moved.find((it) => it.name === name)?.claimName ?? `${metadata.name}-${name}`;

export const rootClaimOf = (instance: Recorded): string => claimOfDisk(instance, ROOT);

/** Claims that disks are being copied to, or that they have left: no disks, for as long as that is so. */
export function spareClaimsOf(instance: Recorded): DiskClaim[] {
  const { copy, left } = diskRecordOf(instance);
  return [...(copy?.disks ?? []), ...left];
}

/** Every claim that the root disk is on, was on, or may be copied to. */
export const rootClaimsOf = (instance: Recorded): string[] => [
  rootClaimOf(instance),
  ...spareClaimsOf(instance)
    .filter(({ name }) => name === ROOT)
    .map(({ claimName }) => claimName),
];

/** Does the guest run, or did it last, on the node that it was to move to, with what was copied there as its disks? */
export function hasMovedTo({ requestId, nodeName, disks }: DiskCopy, guest: GuestView): boolean {
  const isIt = (it: Pick<MoveView, 'requestId' | 'targetNode'>) =>
    it.requestId === requestId && (it.targetNode ?? nodeName) === nodeName;
  if (guest.arrivals?.some(isIt)) return true;
  const isThere = guest.nodeName === nodeName && disks.every((it) => isOn(it, guest.disks?.claims));
  return isThere && (!guest.migrating || isOver(guest.power));
}

/**
 * Is the guest gone, and did nobody see whether its disks had been copied by then? KubeVirt had taken the copy up, and does not say that
 * the guest went before it was done. Both claims are kept then, until somebody deletes one of the two.
 */
export function isUnseen(copy: DiskCopy, guest: GuestView): boolean {
  const { vm, nodeName } = guest;
  if (nodeName !== undefined || !vm?.copy || vm.copy.isOpen || hasMovedTo(copy, guest)) return false;
  const { to } = vm.copy;
  return copy.disks.every((it) => isOn(it, to) && isOn(it, vm.claims));
}

/** Is this claim named for the disk of its name? */
export const isOn = (
  { name, claimName }: DiskClaim,
  claims: Readonly<Record<string, string>> | undefined,
): boolean => claims?.[name] === claimName;

/**
 * The record once a situation is written. Where the guest is decides which of two claims is a disk, for all that were copied at
 * once, whatever is in flight by then: those that it has left are not used again.
 */
export function diskRecordAfter(
  view: Pick<InstanceView, 'instance' | 'guest' | 'volumes' | 'keptVolumes'>,
  { disk }: Pick<Situation, 'disk'>,
): DiskRecord {
  const { instance, guest } = view;
  const before = { ...diskRecordOf(instance), moved: knownStill(view) };
  const { copy } = before;
  if (copy && (disk?.hasMoved || hasMovedTo(copy, guest))) return withCopies(before, copy, instance);
  const after = { ...before, ...disk };
  return { moved: after.moved, copy: after.copy ?? undefined, left: after.left };
}

/** Of a volume that is off the list and free nothing is kept in mind; one that is on it, and was kept elsewhere, is taken up there. */
function knownStill({
  instance,
  volumes,
  keptVolumes = [],
}: Pick<InstanceView, 'instance' | 'volumes' | 'keptVolumes'>): DiskClaim[] {
  const listed = new Set((instance.spec.volumes ?? []).filter(({ blank }) => blank).map(({ name }) => name));
  const isKnown = ({ name, claimName }: DiskClaim) =>
    name === ROOT || listed.has(name) || volumes.some((it) => it.claimName === claimName);
  const { moved } = diskRecordOf(instance);
  const found = keptVolumes.filter(({ name }) => !moved.some((it) => it.name === name));
  return [...moved.filter(isKnown), ...found];
}

/** As the status has it; by name, so that what goes is given up. */
export function recordedDisks({ moved, copy, left }: DiskRecord): Pick<InstanceStatus, 'rootDisk' | 'disks'> {
  const root = moved.find(({ name }) => name === ROOT);
  const others = moved.filter(({ name }) => name !== ROOT);
  const orNone = (list: readonly DiskClaim[]) => (list.length > 0 ? [...list] : undefined);
  const disks = {
    moved: orNone(others),
    copy: copy && { ...copy, disks: [...copy.disks] },
    left: orNone(left),
  };
  return {
    rootDisk: root && { claimName: root.claimName, copy: undefined, left: undefined },
    disks: Object.values(disks).some((it) => it !== undefined) ? disks : undefined,
  };
}
