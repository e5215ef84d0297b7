import type { Instance } from '#api/instance.ts';
import { removal, stillThere } from './copy-disks.ts';
import { claimOfDisk, copyFor, copyGivenUp, type DiskClaim, diskRecordOf } from './disk-record.ts';
import type { ResizeRecord } from './resize-record.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

/** `none`: the node reaches all disks; `ready`: it reaches the copies, which are the disks from then on. */
export type Along =
  | { kind: 'none' | 'ready' }
  | { kind: 'failed'; failure: NonNullable<ResizeRecord['failure']> }
  | ({ kind: 'goesOn' } & Pick<Situation, 'action' | 'disk' | 'blocked'>);

/**
 * Disks that the new node does not reach move along with a guest that is off: what is on them is copied to volumes that are made there.
 * Nothing starts meanwhile (`isCopiedWhileOff`), and the way back is the same (ADR 0072). Of nodes and volumes nobody is told: it looks again and again.
 */
export function takeAlong(view: InstanceView, requestId: string, nodeName: string): Along {
  const { outOfReach = {}, unfitNodes = {}, copyDisks = {}, copyReach = {} } = view;
  const { copy } = diskRecordOf(view.instance);
  const names = outOfReach[nodeName] ?? [];
  if (!copy && names.length === 0) return { kind: 'none' };
  const isIts = copy?.requestId === requestId && copy.nodeName === nodeName;
  if (copy && !isIts) return { kind: 'goesOn', action: NONE, disk: copyGivenUp(view.instance) };
  const isThere = ({ claimName }: DiskClaim) => copyDisks[claimName]?.ready && copyReach[claimName];
  const isReady = copy?.disks.every(isThere);
  const unfit = unfitNodes[nodeName] ?? (isReady ? undefined : Object.values(unfitNodes)[0]);
  if (unfit) return { kind: 'failed', failure: unfit };
  if (isReady) return { kind: 'ready' };
  if (!copy) return begin(view, { requestId, nodeName }, names);
  const elsewhere = copy.disks.find(({ claimName }) => copyReach[claimName] === false);
  if (elsewhere) return madeElsewhere(elsewhere.claimName, nodeName);
  const missing = copy.disks.find(({ claimName }) => !copyDisks[claimName]?.exists);
  const action: Action = missing
    ? { kind: 'makeCopy', ...missing, nodeName, isFull: true }
    : { kind: 'lookAgain' };
  return { kind: 'goesOn', action };
}

/** What an earlier copy left of these disks goes first: there may be no room for both. */
function begin(
  view: InstanceView,
  place: { requestId: string; nodeName: string },
  names: readonly string[],
): Along {
  const { instance } = view;
  const copy = copyFor(instance, place, names);
  const isDisk = copy.disks.find(({ name, claimName }) => claimOfDisk(instance, name) === claimName);
  if (isDisk) return madeElsewhere(isDisk.claimName, place.nodeName);
  const old = diskRecordOf(instance).left.find(({ name }) => names.includes(name));
  if (old) return { kind: 'goesOn', ...removal(view), blocked: stillThere(old) };
  return { kind: 'goesOn', action: NONE, disk: { copy } };
}

/** Who provisions its class made it where there was room, or where it was cloned from. */
const madeElsewhere = (claimName: string, nodeName: string): Along => ({
  kind: 'failed',
  failure: {
    code: 'CopyElsewhere',
    message: `PersistentVolumeClaim ${claimName} was made where ${nodeName} does not reach it: see whether its StorageClass has room there, and ask again`,
  },
});

/** Until then no guest may write on what is copied, whoever starts one: the gate holds it back. */
export const isCopiedWhileOff = (instance: Pick<Instance, 'metadata' | 'status'>): boolean =>
  WHILE_OFF.includes(instance.status?.taskState ?? '') && diskRecordOf(instance).copy !== undefined;

const WHILE_OFF: readonly string[] = ['ResizeMigrating', 'ResizeReverting'];
