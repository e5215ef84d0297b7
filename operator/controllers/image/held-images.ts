import type { Node } from '#adapters/kubernetes/types.ts';
import { canonicalReference } from '#core/images/reference.ts';
import type { Store } from '#runtime/store.ts';

/** Counted anew at most this often: the kubelets of thousands of nodes tell of fifty images each. */
const COUNTED_EVERY_MS = 10_000;

/** How many nodes hold a container image, as their kubelets tell. */
export class HeldImages {
  readonly #nodes: Store<Node>;
  readonly #now: () => Date;
  #counts = new Map<string, number>();
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(nodes: Store<Node>, now: () => Date) {
    this.#nodes = nodes;
    this.#now = now;
  }

  countOf(containerDisk: string): number {
    const now = this.#now().getTime();
    if (now - this.#countedAt >= COUNTED_EVERY_MS) {
      this.#counts = this.#count();
      this.#countedAt = now;
    }
    return this.#counts.get(canonicalReference(containerDisk)) ?? 0;
  }

  #count(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { status } of this.#nodes.list())
      for (const { names = [] } of status?.images ?? [])
        for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }
}
