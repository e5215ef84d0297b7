/** Values that become due: a binary heap with the earliest first. */
export class Deadlines<T> {
  readonly #heap: Array<{ due: number; value: T }> = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the earliest is due, or undefined when there is none. */
  get next(): number | undefined {
    return this.#heap[0]?.due;
  }

  push(due: number, value: T): void {
    this.#heap.push({ due, value });
    this.#rise(this.#heap.length - 1);
  }

  /** Takes off the earliest if it is due by `now`. */
  popDue(now: number): { due: number; value: T } | undefined {
    const first = this.#heap[0];
    if (!first || first.due > now) return undefined;
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #due(index: number): number {
    return this.#heap[index]?.due ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (!first || !second) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }

  #rise(start: number): void {
    for (let child = start; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (this.#due(parent) <= this.#due(child)) return;
      this.#swap(parent, child);
      child = parent;
    }
  }

  #sink(start: number): void {
    for (let parent = start; ; ) {
      const left = 2 * parent + 1;
      const child = this.#due(left + 1) < this.#due(left) ? left + 1 : left;
      if (this.#due(parent) <= this.#due(child)) return;
      this.#swap(parent, child);
      parent = child;
    }
  }
}
