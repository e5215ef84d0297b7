import { type BackoffSettings, equalJitterMs, type Random } from './backoff.ts';
import { Deadlines } from './deadlines.ts';
import { Fifo } from './fifo.ts';
import type { Key } from './resource.ts';

export interface QueueOptions {
  /** For `retry`; 5 ms doubling to 2 minutes unless set. */
  backoff?: BackoffSettings;
  random?: Random;
  /** Told of each key that is taken, after how long it could have been. */
  onTaken?: (waitedMs: number) => void;
}

export const defaultQueueBackoff: BackoffSettings = { baseMs: 5, capMs: 120_000 };

/** setTimeout's own limit. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Keys that need work. A key is in it at most once; one that is added while it is worked on comes again after `done`,
 * so that no key is ever worked on twice at once and no change is missed. First come, first served.
 */
export class KeyedQueue {
  readonly #ready = new Fifo<Key>();
  readonly #dirty = new Map<Key, number>();
  /** Since when. */
  readonly #running = new Map<Key, number>();
  readonly #failures = new Map<Key, number>();
  readonly #delayed = new Deadlines<Key>();
  readonly #dueAt = new Map<Key, number>();
  readonly #takers = new Fifo<(key: Key | undefined) => void>();
  readonly #backoff: BackoffSettings;
  readonly #random: Random;
  readonly #onTaken: (waitedMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(options: QueueOptions = {}) {
    this.#backoff = options.backoff ?? defaultQueueBackoff;
    this.#random = options.random ?? Math.random;
    this.#onTaken = options.onTaken ?? (() => {});
  }

  /** Keys that could be taken now. */
  get depth(): number {
    return this.#ready.size;
  }

  get running(): number {
    return this.#running.size;
  }

  /** The key that has been worked on for longest, and for how many ms. */
  get longestRun(): { key: Key; ms: number } | undefined {
    const [first] = this.#running;
    return first && { key: first[0], ms: performance.now() - first[1] };
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.#dueAt.size;
  }

  add(key: Key): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.set(key, performance.now());
    if (!this.#running.has(key)) this.#offer(key);
  }

  /** Adds the key after a while. Asked for several times, the earliest counts. */
  addAfter(key: Key, ms: number): void {
    if (ms > 0) this.#delay(key, performance.now() + ms);
    else this.add(key);
  }

  #delay(key: Key, due: number): void {
    if (this.#closed) return;
    if ((this.#dueAt.get(key) ?? Number.POSITIVE_INFINITY) <= due) return;
    this.#dueAt.set(key, due);
    this.#delayed.push(due, key);
    this.#schedule();
  }

  /** Adds the key after a back-off that grows with each call until `forget`. Returns the wait. */
  retry(key: Key): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const waitMs = equalJitterMs(this.#backoff, failures, this.#random);
    this.addAfter(key, waitMs);
    return waitMs;
  }

  /** The key went well: its next failure starts with the shortest wait. */
  forget(key: Key): void {
    this.#failures.delete(key);
  }

  failures(key: Key): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, once there is one; undefined once the queue is closed. Every key must be given back with `done`. */
  next(): Promise<Key | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const key = this.#ready.shift();
    if (key !== undefined) return Promise.resolve(this.#start(key));
    const { promise, resolve } = Promise.withResolvers<Key | undefined>();
    this.#takers.push(resolve);
    return promise;
  }

  done(key: Key): void {
    this.#running.delete(key);
    if (this.#dirty.has(key) && !this.#closed) this.#offer(key);
  }

  /** For how long the key has waited to be worked on (again), in ms; undefined when it does not wait. */
  waitedMs(key: Key): number | undefined {
    const since = this.#dirty.get(key);
    return since === undefined ? undefined : performance.now() - since;
  }

  /** No key is handed out any more; whoever waits for one gets undefined. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (let taker = this.#takers.shift(); taker; taker = this.#takers.shift()) taker(undefined);
  }

  #offer(key: Key): void {
    const taker = this.#takers.shift();
    if (taker) taker(this.#start(key));
    else this.#ready.push(key);
  }

  #start(key: Key): Key {
    const now = performance.now();
    this.#onTaken(now - (this.#dirty.get(key) ?? now));
    this.#dirty.delete(key);
    this.#running.set(key, now);
    return key;
  }

  #schedule(): void {
    const next = this.#delayed.next;
    if (next === undefined || next >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = next;
    const ms = Math.min(longestTimerMs, Math.max(0, Math.ceil(next - performance.now())));
    this.#timer = setTimeout(() => this.#ring(), ms);
  }

  #ring(): void {
    this.#timerDue = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (let entry = this.#delayed.popDue(now); entry; entry = this.#delayed.popDue(now)) {
      const superseded = this.#dueAt.get(entry.value) !== entry.due;
      if (superseded) continue;
      this.#dueAt.delete(entry.value);
      this.add(entry.value);
    }
    this.#schedule();
  }
}
