import type { Instance } from '#api/instance.ts';
import { removal } from './copy-disks.ts';
import { claimOfDisk, copyFor, copyGivenUp, type DiskClaim, diskRecordOf } from './disk-record.ts';
import type { ResizeRecord } from './resize-record.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

/** `none`: the node reaches all disks; `ready`: it reaches the copies, which are the disks from then on. */
export type Along =
  | { kind: 'none' | 'ready' }
  | { kind: 'failed'; failure: NonNullable<ResizeRecord['failure']> }
  | ({ kind: 'goesOn' } & Pick<Situation, 'action' | 'disk'>);

/**
 * Disks that the new node does not reach move along with a guest that is off: what is on them is copied to volumes that are made there.
 * Nothing starts meanwhile (`isCopiedWhileOff`), and the way back is the same (ADR 0072).
 */
export function takeAlong(view: InstanceView, requestId: string, nodeName: string): Along {
  const { copy } = diskRecordOf(view.instance);
  const names = view.outOfReach?.[nodeName] ?? [];
  if (!copy && names.length === 0) return { kind: 'none' };
  const isIts = copy?.requestId === requestId && copy.nodeName === nodeName;
  if (copy && !isIts) return { kind: 'goesOn', action: NONE, disk: copyGivenUp(view.instance) };
  const { copyDisks = {}, copyReach = {} } = view;
  const isThere = ({ claimName }: DiskClaim) => copyDisks[claimName]?.ready && copyReach[claimName];
  if (copy?.disks.every(isThere)) return { kind: 'ready' };
  const [lost] = Object.values(view.lostNodes ?? {});
  if (lost !== undefined) return failed('NodeDown', `${lost}. Nothing is copied from its disk, or to it`);
  if (!copy) return begin(view, { requestId, nodeName }, names);
  const elsewhere = copy.disks.find(({ claimName }) => copyReach[claimName] === false);
  if (elsewhere) return madeElsewhere(elsewhere.claimName, nodeName);
  const missing = copy.disks.find(({ claimName }) => !copyDisks[claimName]?.exists);
  const action: Action = missing ? { kind: 'makeCopy', ...missing, nodeName, isFull: true } : NONE;
  return { kind: 'goesOn', action };
}

function begin(
  view: InstanceView,
  place: { requestId: string; nodeName: string },
  names: readonly string[],
): Along {
  const { instance } = view;
  const copy = copyFor(instance, place, names);
  const isDisk = copy.disks.find(({ name, claimName }) => claimOfDisk(instance, name) === claimName);
  if (isDisk) return madeElsewhere(isDisk.claimName, place.nodeName);
  const { left } = diskRecordOf(instance);
  const isInTheWay = left.some((it) => copy.disks.some(({ claimName }) => claimName === it.claimName));
  if (isInTheWay) return { kind: 'goesOn', ...removal(view) };
  return { kind: 'goesOn', action: NONE, disk: { copy } };
}

/** Who provisions its class made it where there was room, or where it was cloned from. */
const madeElsewhere = (claimName: string, nodeName: string): Along =>
  failed(
    'CopyElsewhere',
    `PersistentVolumeClaim ${claimName} was made where ${nodeName} does not reach it: see whether its StorageClass has room there`,
  );

const failed = (code: string, message: string): Along => ({ kind: 'failed', failure: { code, message } });

/** Until then no guest may write on what is copied, whoever starts one: the gate holds it back. */
export const isCopiedWhileOff = (instance: Pick<Instance, 'metadata' | 'status'>): boolean =>
  WHILE_OFF.includes(instance.status?.taskState ?? '') && diskRecordOf(instance).copy !== undefined;

const WHILE_OFF: readonly string[] = ['ResizeMigrating', 'ResizeReverting'];
