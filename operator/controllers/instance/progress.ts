import type { Instance, OperationName, Placement, TaskState } from '#api/instance.ts';
import type { Situation } from '#core/lifecycle/situation.ts';
import { differs } from '#runtime/apply.ts';

interface Mark {
  operation: OperationName | undefined;
  began: Date;
  taskState: TaskState | undefined;
  taskSince: Date;
  lastWrite: Date | undefined;
  placement: Placement | undefined;
}

/** A task state that an Instance has left. */
export interface LeftTask {
  readonly operation: OperationName;
  readonly taskState: TaskState;
  readonly since: Date;
  readonly until: Date;
}

/**
 * When operations and task states began, as far as the status does not say so yet: a short task state is never
 * written. Lost with the process, and then begun anew.
 */
export class Progress {
  readonly #marks = new Map<string, Mark>();
  readonly #moves = new Map<string, Placement>();
  readonly #onLeft: (instance: Instance, left: LeftTask) => void;

  constructor(onLeft: (instance: Instance, left: LeftTask) => void = () => {}) {
    this.#onLeft = onLeft;
  }

  /** Notes where the Instance stands, and returns since when. */
  note(instance: Instance, { operation, taskState }: Situation, now: Date): Mark {
    const mark = this.#marks.get(instance.metadata.uid) ?? firstMark(instance, now);
    if (mark.operation !== operation && operation !== undefined) {
      mark.began = writtenStart(instance, operation) ?? now;
    }
    if (mark.taskState !== taskState) {
      const { operation: before, taskState: left, taskSince: since } = mark;
      if (before && left) this.#onLeft(instance, { operation: before, taskState: left, since, until: now });
      mark.taskSince = now;
    }
    mark.operation = operation;
    mark.taskState = taskState;
    this.#marks.set(instance.metadata.uid, mark);
    return mark;
  }

  /** Keeps a placement until the status is written. One that says the same at a later time is no news. */
  placed(instance: Instance, placement: Placement): void {
    const mark = this.#marks.get(instance.metadata.uid);
    const before = this.placementOf(instance);
    const isNews = differs({ ...placement, time: undefined }, { ...before, time: undefined });
    if (mark && isNews) mark.placement = placement;
  }

  placementOf(instance: Instance): Placement | undefined {
    return this.#marks.get(instance.metadata.uid)?.placement ?? instance.status?.placement;
  }

  /** Keeps why a move goes where it goes, until it has ended. */
  moves({ metadata }: Instance, placement: Placement): void {
    this.#moves.set(metadata.uid, placement);
  }

  moveOf({ metadata }: Instance): Placement | undefined {
    return this.#moves.get(metadata.uid);
  }

  wrote(instance: Instance, now: Date): void {
    const mark = this.#marks.get(instance.metadata.uid);
    if (mark) mark.lastWrite = now;
  }

  forget(instance: Instance): void {
    this.#marks.delete(instance.metadata.uid);
    this.#moves.delete(instance.metadata.uid);
  }
}

function firstMark(instance: Instance, now: Date): Mark {
  const began = new Date(instance.status?.operation?.startTime ?? instance.metadata.creationTimestamp);
  const built = instance.status?.appliedPowerState !== undefined;
  return {
    operation: instance.status?.operation?.name ?? (built ? undefined : 'Create'),
    began,
    taskState: instance.status?.taskState,
    taskSince: now,
    lastWrite: undefined,
    placement: undefined,
  };
}

function writtenStart({ status }: Instance, operation: OperationName): Date | undefined {
  return status?.operation?.name === operation ? new Date(status.operation.startTime) : undefined;
}
