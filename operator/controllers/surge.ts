/** So many VMs a second go through virt-controller at most: who is claimed for faster waits for KubeVirt anyhow. */
const CLAIMS = 25;
const WITHIN_MS = 1_000;
/** However long claims go on to come, nothing waits for longer. */
const LONGEST_MS = 5_000;

/**
 * Whether claims are being written faster than guests can be built. What can wait does while it lasts: the API server has
 * its time for the claims. One that goes on for long is no reason to wait any more.
 */
export class Surge {
  readonly #now: () => number;
  /** When each of the last claims was written, as a ring. */
  readonly #times = new Float64Array(CLAIMS).fill(Number.NEGATIVE_INFINITY);
  #next = 0;
  #began = Number.NEGATIVE_INFINITY;

  /** `now` is in milliseconds, and never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** To be told of every claim that was written. */
  claimed(): void {
    const now = this.#now();
    if (!this.#isOn(now)) this.#began = now;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % CLAIMS;
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
