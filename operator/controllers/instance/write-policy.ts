import type { InstanceStatus } from '#api/instance.ts';
import { goesBySteps } from '#core/lifecycle/steps.ts';
import { differs } from '#runtime/apply.ts';

/** A task state shorter than this is not worth a write. */
const SHORT_TASK_MS = 2_000;
/** What is waited for from outside is told anew no oftener than this. */
const BLOCKED_MS = 10_000;
/** An operation that goes on is told of once; only a long one again, this often. So a create costs one such write. */
const RENEWAL_MS = 60_000;

export interface WriteTiming {
  now: Date;
  taskSince: Date;
  lastWrite: Date | undefined;
  /** A request is there that this operation keeps from being carried out: who asked has to know. */
  isAwaited: boolean;
}

/**
 * How long a changed status should wait before it is written, in milliseconds; 0: write it now. What is final, or what a
 * person has to know, is written at once; what only passes by is not written at all.
 */
export function delayBeforeWrite(before: InstanceStatus, after: InstanceStatus, timing: WriteTiming): number {
  if (after.taskState === undefined || isNews(before, after)) return 0;
  const { now, taskSince, lastWrite, isAwaited } = timing;
  if (isStep(before, after) || (isAwaited && before.operation?.name !== after.operation?.name)) return 0;
  if (before.operation?.name !== after.operation?.name) return left(taskSince, SHORT_TASK_MS, now);
  const pause = blockedReason(after) === undefined ? RENEWAL_MS : BLOCKED_MS;
  return lastWrite ? left(lastWrite, pause, now) : 0;
}

function left(since: Date, wait: number, now: Date): number {
  return Math.max(0, since.getTime() + wait - now.getTime());
}

/** A step of an operation that goes by them: a restarted operator goes on from what is written. */
function isStep(before: InstanceStatus, { operation, taskState }: InstanceStatus): boolean {
  if (!operation || !goesBySteps(operation)) return false;
  const { requestId, targetNode } = before.operation ?? {};
  return (
    before.taskState !== taskState || requestId !== operation.requestId || targetNode !== operation.targetNode
  );
}

/** A fault, an operation that ended, an image that changed, what a move goes on from, a refusal, or a reason why nothing or a change does not go on. */
function isNews(before: InstanceStatus, after: InstanceStatus): boolean {
  const last = (status: InstanceStatus) => status.lastOperations?.[0]?.finishTime;
  const excluded = (status: InstanceStatus) => status.placement?.excluded?.length ?? 0;
  return (
    before.fault?.code !== after.fault?.code ||
    last(before) !== last(after) ||
    isOther(before.resize, after.resize) ||
    isOther(before.rootDisk, after.rootDisk) ||
    isOther(before.disks, after.disks) ||
    (before.image !== undefined && isOther(before.image, after.image)) ||
    excluded(before) !== excluded(after) ||
    (blockedReason(after) !== undefined && blockedReason(before) !== blockedReason(after)) ||
    (heldReason(after) !== undefined && heldReason(before) !== heldReason(after))
  );
}

/** Of the image: once there is a disk, what is written is what it was made from; one that changed before that is told of at once. */
const isOther = (before: unknown, after: unknown): boolean =>
  differs(before, after) || differs(after, before);

/** Ready's reason where it is not just the task state's name: what the Instance waits for from outside. */
function blockedReason({ conditions, taskState }: InstanceStatus): string | undefined {
  const ready = conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'False' && ready.reason !== taskState ? ready.reason : undefined;
}

const heldReason = ({ conditions }: InstanceStatus): string | undefined =>
  conditions?.find(({ type }) => type === 'SpecHeld')?.reason;
