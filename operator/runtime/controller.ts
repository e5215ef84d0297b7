import type { BackoffSettings } from './backoff.ts';
import { isConflict } from './errors.ts';
import type { Logger } from './logger.ts';
import { type Watch, watchKeys } from './mapping.ts';
import { KeyedQueue } from './queue.ts';
import type { Key } from './resource.ts';
import { aborted, type Runnable } from './runnable.ts';
import { settledWithin } from './sleep.ts';

export interface ReconcileContext {
  /** Bound to the controller's name and the key. */
  log: Logger;
  /** Aborts when the work must not go on: leadership lost, or the time to stop is over. */
  signal: AbortSignal;
}

/** Come back to the key after this long, also if nothing changes. */
export interface Requeue {
  requeueAfterMs: number;
}

/** Makes one object what it should be, from whatever state it is in. A throw means: again, after a back-off. */
export interface Reconciler {
  readonly name: string;
  // biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that returns nothing is the common one
  reconcile(key: Key, context: ReconcileContext): Promise<Requeue | undefined | void>;
}

export interface ControllerMetrics {
  reconciled?(
    controller: string,
    outcome: 'done' | 'requeued' | 'conflict' | 'failed',
    seconds: number,
  ): void;
  /** A key was taken up, after it had waited for so long. */
  taken?(controller: string, waitedSeconds: number): void;
}

export interface ControllerOptions {
  reconciler: Reconciler;
  concurrency: number;
  /** A change of any of these adds the keys it maps to. */
  watches: Watch[];
  logger: Logger;
  backoff?: BackoffSettings;
  metrics?: ControllerMetrics;
  /** For what is being reconciled when it is stopped; 10 s unless set. */
  stopWithinMs?: number;
}

export interface Controller extends Runnable {
  /** Adds a key from outside, when a watch does not tell. Without effect while it does not run. */
  enqueue(key: Key, afterMs?: number): void;
  /** Keys ready, in work, waiting for their time. */
  load(): { ready: number; running: number; delayed: number; longestRunSeconds: number };
  /** Undefined, or which key is stuck: its work took longer than all its calls and their retries may. */
  trouble(): string | undefined;
}

/** A call has 30 s and few retries, and a reconcile makes few calls in a row. */
const STUCK_AFTER_MS = 600_000;

export function createController(options: ControllerOptions): Controller {
  return new KeyedController(options);
}

/** Each run has a queue of its own, that starts with every object: what was known before is not trusted. */
class KeyedController implements Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #logger: Logger;
  #queue: KeyedQueue | undefined;

  constructor(options: ControllerOptions) {
    this.name = options.reconciler.name;
    this.#options = options;
    this.#logger = options.logger.child({ module: this.name });
  }

  enqueue(key: Key, afterMs = 0): void {
    this.#queue?.addAfter(key, afterMs);
  }

  load(): ReturnType<Controller['load']> {
    const queue = this.#queue;
    const longestRunSeconds = (queue?.longestRun?.ms ?? 0) / 1000;
    const { depth: ready = 0, running = 0, delayed = 0 } = queue ?? {};
    return { ready, running, delayed, longestRunSeconds };
  }

  trouble(): string | undefined {
    const { key, ms = 0 } = this.#queue?.longestRun ?? {};
    return ms > STUCK_AFTER_MS ? `${key} has been worked on for ${Math.round(ms / 1000)} s` : undefined;
  }

  async run(stop: AbortSignal, abort?: AbortSignal): Promise<void> {
    if (this.#queue) throw new Error(`controller ${this.name} runs already`);
    const { backoff, metrics } = this.#options;
    const onTaken = (waitedMs: number) => metrics?.taken?.(this.name, waitedMs / 1000);
    const queue = new KeyedQueue({ backoff, onTaken });
    this.#queue = queue;
    const mapFailed = (error: unknown): void =>
      this.#logger.error({ err: error }, 'mapping a change to keys failed');
    const unsubscribe = this.#options.watches.map((watch) =>
      watchKeys(watch, (key) => queue.add(key), mapFailed),
    );
    try {
      await this.#work(queue, stop, abort);
    } finally {
      for (const end of unsubscribe) end();
      queue.close();
      this.#queue = undefined;
    }
  }

  async #work(queue: KeyedQueue, stop: AbortSignal, abort: AbortSignal | undefined): Promise<void> {
    const synced = Promise.all(this.#options.watches.map((watch) => watch.store.synced));
    await Promise.race([synced, aborted(stop)]);
    const dropped = new AbortController();
    const drop = (): void => dropped.abort(abort?.reason);
    abort?.addEventListener('abort', drop);
    if (abort?.aborted) drop();
    const workers = Array.from({ length: this.#options.concurrency }, () =>
      this.#worker(queue, dropped.signal),
    );
    await Promise.race([aborted(stop), aborted(dropped.signal)]);
    queue.close();
    await this.#drain(Promise.all(workers), dropped);
    abort?.removeEventListener('abort', drop);
  }

  async #drain(workers: Promise<unknown>, dropped: AbortController): Promise<void> {
    const withinMs = this.#options.stopWithinMs ?? 10_000;
    if (await settledWithin(workers, dropped.signal.aborted ? 0 : withinMs)) return;
    dropped.abort(new Error(`controller ${this.name} has to stop`));
    if (await settledWithin(workers, withinMs)) return;
    throw new Error(`controller ${this.name}: a reconcile does not heed its signal`);
  }

  async #worker(queue: KeyedQueue, signal: AbortSignal): Promise<void> {
    for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
      if (!signal.aborted) await this.#reconcile(queue, key, signal);
      queue.done(key);
    }
  }

  async #reconcile(queue: KeyedQueue, key: Key, signal: AbortSignal): Promise<void> {
    const { reconciler, metrics } = this.#options;
    const log = this.#logger.child({ key });
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const result = await reconciler.reconcile(key, { log, signal });
      queue.forget(key);
      // At once would be before any news: a key that always asks for that would keep the process from everything else.
      if (result) queue.addAfter(key, Math.max(1, result.requeueAfterMs));
      metrics?.reconciled?.(this.name, result ? 'requeued' : 'done', seconds());
    } catch (error) {
      if (signal.aborted) return;
      const retryMs = Math.round(queue.retry(key));
      const conflict = isConflict(error);
      log[conflict ? 'debug' : 'error'](
        { err: error, failures: queue.failures(key), retryMs },
        'reconcile failed',
      );
      metrics?.reconciled?.(this.name, conflict ? 'conflict' : 'failed', seconds());
    }
  }
}
