import type { Instance } from '#api/instance.ts';

/** One build that ended on a node, well or not; `id` tells it from others. Times in milliseconds. */
export interface Build {
  readonly id: string;
  readonly nodeName: string;
  readonly time: number;
  readonly succeeded: boolean;
}

/** A failed build counts for this long at most: then the node is given another try. */
export const FAILURE_COUNTS_MS = 60 * 60_000;

/** The builds that an Instance's status tells of: nodes that refused it, and how its creation ended. */
export function buildsOf({ metadata: { uid }, status }: Instance): Build[] {
  const { placement, lastOperations = [] } = status ?? {};
  const { requestId = '', nodeName } = placement ?? {};
  const id = `${uid}/${requestId}`;
  const refused = (placement?.excluded ?? []).flatMap((it) =>
    it.time === undefined ? [] : [{ id, nodeName: it.nodeName, time: Date.parse(it.time), succeeded: false }],
  );
  const creation = lastOperations.find((it) => it.name === 'Create' && it.requestId === requestId);
  if (!creation || nodeName === undefined) return refused;
  const succeeded = creation.result === 'Succeeded';
  return [...refused, { id, nodeName, time: Date.parse(creation.finishTime), succeeded }];
}

/**
 * Nova's failed_builds of each node: builds that failed there since the last that did not. Nova forgets them with
 * nova-compute's restart; here each is forgotten after an hour (ADR 0033).
 */
export class BuildFailures {
  readonly #failures = new Map<string, Map<string, number>>();
  readonly #successes = new Map<string, number>();

  /** True when that changes the node's count. In any order, and as often as it is seen. */
  note({ id, nodeName, time, succeeded }: Build, now: number): boolean {
    const before = this.count(nodeName, now);
    if (succeeded) this.#succeeded(nodeName, time);
    else if (time > now - FAILURE_COUNTS_MS) this.#failed(nodeName, id, time);
    return this.count(nodeName, now) !== before;
  }

  count(nodeName: string, now: number): number {
    return this.#counting(nodeName, now).length;
  }

  /** In how many milliseconds the first of the node's failures is forgotten. */
  forgottenInMs(nodeName: string, now: number): number | undefined {
    const first = Math.min(...this.#counting(nodeName, now));
    return Number.isFinite(first) ? first + FAILURE_COUNTS_MS - now : undefined;
  }

  #succeeded(nodeName: string, time: number): void {
    this.#successes.set(nodeName, Math.max(time, this.#successes.get(nodeName) ?? 0));
    const failures = this.#failures.get(nodeName);
    for (const [id, failed] of failures ?? []) if (failed <= time) failures?.delete(id);
  }

  #failed(nodeName: string, id: string, time: number): void {
    if (time <= (this.#successes.get(nodeName) ?? 0)) return;
    const failures = this.#failures.get(nodeName) ?? new Map<string, number>();
    this.#failures.set(nodeName, failures.set(id, time));
  }

  #counting(nodeName: string, now: number): number[] {
    const failures = this.#failures.get(nodeName);
    for (const [id, time] of failures ?? []) if (time <= now - FAILURE_COUNTS_MS) failures?.delete(id);
    return [...(failures?.values() ?? [])];
  }
}
