import type { OperationName, TaskState } from '#api/instance.ts';
import { copyGivenUp, diskRecordOf } from './disk-record.ts';
import { type GuestView, isOver } from './guest-view.ts';
import type { ResizeRecord } from './resize-record.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

/** What the steps of a resize, a cold migration and an evacuation have in common, there and back. */

export type Move = 'Resize' | 'ColdMigrate' | 'Evacuate';
export type Failure = NonNullable<ResizeRecord['failure']>;

export function step(
  operation: OperationName,
  taskState: TaskState,
  action: Action,
  then: Pick<Situation, 'next' | 'record' | 'flavor' | 'disk'> = {},
): Situation {
  return { operation, taskState, action, ...then };
}

export const CANCELLED = { code: 'Cancelled', message: 'it was cancelled' };

export function ended(
  operation: OperationName,
  outcome: Situation['outcome'],
  record: Situation['record'],
  rest: Pick<Situation, 'action' | 'heldFlavor' | 'disk'> = { action: NONE },
): Situation {
  return {
    operation,
    taskState: undefined,
    ...rest,
    ...(outcome && { outcome }),
    ...(record !== undefined && { record }),
  };
}

/** Node, size and claim are given back, and then it has failed for this reason. */
export function giveUp(operation: Move, { code, message }: Failure): Situation {
  const failure = { code, message: message.slice(0, 512) };
  return step(operation, 'ResizeReverting', NONE, { record: { failure } });
}

/** A guest that somebody started meanwhile writes on what was copied. */
export const copiedTooEarly = ({ instance }: InstanceView): Pick<Situation, 'disk'> =>
  diskRecordOf(instance).copy ? { disk: copyGivenUp(instance) } : {};

/** As far as is seen; the action that follows asks the API server. */
export const isOff = ({ vm, power, pods }: GuestView): boolean =>
  !vm?.runs && isOver(power) && pods.length === 0;
export const haltAction = ({ vm }: GuestView): Action => (vm?.runs ? { kind: 'haltVm' } : NONE);

/** There is no way back to a lost node: what was claimed there is given up at once. */
export const evacuated = (now: Date): Partial<ResizeRecord> => ({
  finishTime: now.toISOString(),
  confirmBy: now.toISOString(),
});

/** It waits to be confirmed, or reverted. */
export const finished = (now: Date, windowMs: number): Partial<ResizeRecord> => ({
  finishTime: now.toISOString(),
  ...(windowMs > 0 && { confirmBy: new Date(now.getTime() + windowMs).toISOString() }),
});

/** What goes with the next action for disks that are copied. */
export const toldOf = ({
  disk,
  blocked,
}: Pick<Situation, 'disk' | 'blocked'>): Pick<Situation, 'disk' | 'blocked'> => ({
  ...(disk && { disk }),
  ...(blocked && { blocked }),
});
