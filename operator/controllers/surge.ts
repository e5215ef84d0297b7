/** So many in such a time are a surge: KubeVirt builds not many more on a good day (25 a second), and fewer on others. */
const REQUESTS = 10;
const WITHIN_MS = 1_000;
/** However long they go on to come, nothing waits for longer. */
const LONGEST_MS = 10_000;

/**
 * Whether places are asked for faster than guests can be built. What can wait does while it lasts: the API server has its
 * time for the claims. One that goes on for long is no reason to wait any more.
 */
export class Surge {
  readonly #now: () => number;
  /** When each of the last places was asked for, as a ring. */
  readonly #times = new Float64Array(REQUESTS).fill(Number.NEGATIVE_INFINITY);
  #next = 0;
  #began = Number.NEGATIVE_INFINITY;

  /** `now` is in milliseconds, and never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** To be told of every request for a place. */
  asked(): void {
    const now = this.#now();
    if (!this.#isOn(now)) this.#began = now;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % REQUESTS;
  }

  /** For how long what can wait should, before it asks again; 0: not at all. */
  waitMs(): number {
    const now = this.#now();
    if (!this.#isOn(now) || now - this.#began >= LONGEST_MS) return 0;
    return this.#oldest + WITHIN_MS - now;
  }

  get #oldest(): number {
    return this.#times[this.#next] ?? 0;
  }

  #isOn(now: number): boolean {
    return now - this.#oldest < WITHIN_MS;
  }
}
