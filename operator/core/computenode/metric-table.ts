export type Values = ReadonlyMap<string, number>;

interface Sample {
  readonly values: Values;
  readonly time: number;
}

/**
 * The last answer to each query, by the metric's name, and what that comes to for each node. An answer older than
 * `expireMs` counts no more: a metric that is not renewed is not available.
 */
export class MetricTable {
  readonly #expireMs: number;
  readonly #samples = new Map<string, Sample>();
  #byNode = new Map<string, Readonly<Record<string, number>>>();

  constructor(expireMs: number) {
    this.#expireMs = expireMs;
  }

  of(nodeName: string): Readonly<Record<string, number>> | undefined {
    return this.#byNode.get(nodeName);
  }

  /** Takes an answer: a value of the metric for each node. */
  take(metric: string, values: Values, time: number): void {
    this.#samples.set(metric, { values, time });
  }

  /** Works out what is known of each node now, and returns the nodes of which that is something else than before. */
  settle(now: number): string[] {
    const next = new Map<string, Readonly<Record<string, number>>>();
    for (const [metric, { values, time }] of [...this.#samples].sort(byName)) {
      if (now - time >= this.#expireMs) this.#samples.delete(metric);
      else for (const [node, value] of values) next.set(node, { ...next.get(node), [metric]: value });
    }
    const before = this.#byNode;
    const changed: string[] = [];
    for (const node of new Set([...before.keys(), ...next.keys()])) {
      const known = before.get(node);
      if (!isSame(known, next.get(node))) changed.push(node);
      else if (known) next.set(node, known);
    }
    this.#byNode = next;
    return changed;
  }
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

function isSame(
  one: Readonly<Record<string, number>> | undefined,
  other: Readonly<Record<string, number>> | undefined,
): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
