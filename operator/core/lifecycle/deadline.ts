import type { Instance, OperationName, TaskState } from '#api/instance.ts';
import { resizeOverdue } from './give-back.ts';
import { liveResizeOverdue } from './live-resize.ts';
import { plugOverdue } from './networks.ts';
import { type TaskDeadlines, WAITING_FOR } from './operations.ts';
import { rebuildOverdue } from './rebuild.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';
import { DISKS_UNKNOWN } from './unseen-copy.ts';
import { attachOverdue } from './volumes.ts';

/** When the wait in the current task state ends in a fault; a wait already written keeps its deadline. */
export function deadlineOf(
  instance: Instance,
  { taskState, operation, disk }: Situation,
  since: Date,
  deadlines: TaskDeadlines,
): Date | undefined {
  if (taskState === undefined || operation === undefined) return undefined;
  if (operation === 'Evacuate' && taskState === 'ResizeMigrating') return undefined; // time proves nothing
  const written = instance.status;
  const limit = deadlines[taskState];
  if (limit !== undefined && disk?.copy && taskState !== 'Migrating')
    return new Date(since.getTime() + limit + (deadlines.Migrating ?? 0)); // as long as disks of a guest that runs may take
  if (
    written?.taskState === taskState &&
    written.operation?.name === operation &&
    written.operation.deadline
  ) {
    return new Date(written.operation.deadline);
  }
  return limit === undefined ? undefined : new Date(since.getTime() + limit);
}

/** What is tried next when a step takes too long, in place of failing. */
const FALLBACKS: Readonly<
  Partial<Record<TaskState, Pick<Situation, 'taskState' | 'action' | 'next' | 'blocked'>>>
> = {
  Rebooting: { taskState: 'RebootingHard', action: NONE },
  RebootStarted: { taskState: 'RebootingHard', action: NONE },
  Migrating: {
    taskState: 'MigrationAborting',
    action: NONE,
    blocked: { reason: 'DeadlineExceeded', message: 'the move took longer than it may, and is given up' },
  },
  RebootingHard: { taskState: 'RebootingHard', action: { kind: 'replacePod' }, next: 'RebootStartedHard' },
};

/** What a copy that took too long left. */
const dropped = ({ instance: { status } }: InstanceView, operation: OperationName | undefined): Action =>
  operation === 'CreateImage' && status?.operation
    ? { kind: 'dropImage', requestId: status.operation.requestId }
    : NONE;

/** The situation once its deadline has passed: a failure that says what was waited for. */
export function afterDeadline(
  view: InstanceView,
  situation: Situation,
  waited: string | undefined,
): Situation {
  const { taskState, operation, move } = situation;
  if (taskState === undefined || situation.blocked?.reason === DISKS_UNKNOWN) return situation;
  const what = waited ?? WAITING_FOR[taskState];
  if (operation === 'LiveResize')
    return liveResizeOverdue(view, taskState, `${taskState} took too long: waited for ${what}`);
  const fallback = FALLBACKS[taskState];
  if (fallback) return { operation, ...(move && { move }), ...fallback };
  if (operation === 'Delete') {
    const message = `Deleting takes too long: waits for ${what}. It goes on waiting; look at what holds the VM or its pods`;
    return { ...situation, blocked: { reason: 'DeadlineExceeded', message } };
  }
  if (
    operation === 'Resize' ||
    operation === 'ColdMigrate' ||
    operation === 'Evacuate' ||
    operation === 'RevertResize'
  )
    return resizeOverdue(operation, view, taskState, `${taskState} took too long: waited for ${what}`);
  if (operation === 'Rebuild')
    return rebuildOverdue(
      view,
      `${taskState} took too long: waited for ${what}. Rebuild again, or delete the Instance`,
    );
  const message = `${taskState} took too long: waited for ${what}. It is not tried again until a new request id is set or the spec changes`;
  if (operation === 'AttachInterface') return plugOverdue(view, message);
  if (operation === 'AttachVolume') return attachOverdue(view, message);
  return {
    operation,
    taskState: undefined,
    action: dropped(view, operation),
    outcome: { result: 'Failed', code: 'DeadlineExceeded', message },
  };
}
