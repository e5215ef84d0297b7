import type { Instance, InstanceStatus } from '#api/instance.ts';
import { requestIdFor } from '#core/lifecycle/request-id.ts';
import type { Action } from '#core/lifecycle/situation.ts';
import type { Span, Tracer } from '#ports/tracer.ts';
import type { LeftTask } from './progress.ts';

type Finished = NonNullable<InstanceStatus['lastOperations']>[number];

/** The span of an operation that ended; its parts are the task states on the way, and what was done. */
export function endOfOperation(
  instance: Instance,
  { name, requestId, startTime, finishTime, result, message, sourceNode, targetNode }: Finished,
): Span {
  const attributes = {
    'berth.result': result,
    'berth.source_node': sourceNode,
    'berth.target_node': targetNode,
  };
  return {
    ...of(instance, requestId),
    kind: 'operation',
    name,
    start: new Date(startTime),
    end: new Date(finishTime),
    attributes: { ...attributesOf(instance), ...attributes },
    ...(result !== 'Succeeded' && { error: message ?? result }),
  };
}

export function leftTask(instance: Instance, { operation, taskState, since, until }: LeftTask): Span {
  const requestId = instance.status?.operation?.requestId ?? requestIdFor(instance, operation);
  return part(instance, requestId, taskState, since, until);
}

/** Spans of what is done for Instances. */
export class InstanceTraces {
  readonly #tracer: Tracer;
  readonly #now: () => Date;

  constructor(tracer: Tracer, now: () => Date) {
    this.#tracer = tracer;
    this.#now = now;
  }

  async acting<T>(
    instance: Instance,
    { kind }: Action,
    requestId: string | undefined,
    act: () => Promise<T>,
  ): Promise<T> {
    if (kind === 'none' || requestId === undefined) return act();
    const start = this.#now();
    const told = (error?: unknown) =>
      this.#tracer.ended({
        ...part(instance, requestId, kind, start, this.#now()),
        ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
      });
    try {
      const result = await act();
      told();
      return result;
    } catch (error) {
      told(error);
      throw error;
    }
  }
}

const of = ({ metadata }: Instance, requestId: string) => ({ requestId, instanceUid: metadata.uid });

const attributesOf = ({ metadata: { namespace, name, uid } }: Instance) => ({
  'k8s.namespace.name': namespace,
  'berth.instance.name': name,
  'berth.instance.uid': uid,
});

const part = (instance: Instance, requestId: string, name: string, start: Date, end: Date): Span => ({
  ...of(instance, requestId),
  kind: 'part',
  name,
  start,
  end,
  attributes: attributesOf(instance),
});
