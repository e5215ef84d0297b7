import { type BackoffSettings, fullJitterMs } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { ApiError, isGone, isNotFound, isResourceVersionTooLarge } from './errors.ts';
import type { Logger } from './logger.ts';
import type { KubeObject, Resource } from './resource.ts';
import { sleep } from './sleep.ts';
import type { Store } from './store.ts';
import type { WatchEvent } from './watch.ts';

export interface Selection {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ReflectorSettings {
  backoff: BackoffSettings;
  /** Drawn anew for each watch, so that many do not end together. */
  watchSeconds: { min: number; max: number };
  /** Silence after which a watch counts as dead; kube-apiserver sends a bookmark about once a minute. */
  idleTimeoutMs: number;
  pageSize: number;
  /** A kind that the API server does not have counts as one without objects; asked for again as often as after a failure. */
  optional?: boolean;
}

export const defaultReflectorSettings: ReflectorSettings = {
  backoff: { baseMs: 200, capMs: 15_000 },
  watchSeconds: { min: 300, max: 600 },
  idleTimeoutMs: 150_000,
  pageSize: 500,
};

/** Counted since the start; `lists` above 1 means that the watch could not be resumed. */
export interface ReflectorStats {
  lists: number;
  watches: number;
  events: number;
  bookmarks: number;
  failures: number;
  /** Failures that were an answer: the API server said no. */
  refusals: number;
  /** performance.now() when the API server was last heard of, in any way. */
  lastContactMs: number;
}

/** A watch shorter than this, that brought nothing, is a failure although it ended properly. */
const shortestHealthyWatchMs = 1_000;

/** After so many watches in a row that failed with an answer, the state is asked for afresh. */
const refusalsBeforeRelist = 5;

/**
 * Keeps a store equal to a collection: one list, then watches, each resumed where the last one ended, however it
 * ended. It lists again only when it must: the API server no longer has the changes since (410), never had them (etcd
 * was restored), or cannot tell them.
 */
export class Reflector<T extends KubeObject> {
  readonly stats: ReflectorStats = {
    lists: 0,
    watches: 0,
    events: 0,
    bookmarks: 0,
    failures: 0,
    refusals: 0,
    lastContactMs: 0,
  };
  readonly #client: KubeClient;
  readonly #resource: Resource;
  readonly #selection: Selection;
  readonly #store: Store<T>;
  readonly #settings: ReflectorSettings;
  readonly #logger: Logger;
  #listedOnce = false;
  #mustList = true;
  #failuresInARow = 0;
  #refusalsInARow = 0;

  constructor(
    client: KubeClient,
    resource: Resource,
    selection: Selection,
    store: Store<T>,
    settings: ReflectorSettings,
    logger: Logger,
  ) {
    this.#client = client;
    this.#resource = resource;
    this.#selection = selection;
    this.#store = store;
    this.#settings = settings;
    this.#logger = logger.child({ resource: resource.plural });
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#mustList) await this.#list(signal);
        if (!this.#mustList) await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#failed(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const listed = await this.#listed(signal);
    if (!listed) return this.#hasNone(signal);
    const { items, resourceVersion } = listed;
    this.stats.lists++;
    this.#heard();
    this.#mustList = false;
    if (this.#listedOnce) this.#logger.info({ resourceVersion, objects: items.length }, 'listed again');
    this.#listedOnce = true;
    this.#store.replace(items, resourceVersion);
  }

  /** undefined: the API server does not have the kind, and need not. */
  async #listed(signal: AbortSignal) {
    const { pageSize, optional } = this.#settings;
    try {
      return await this.#client.list<T>(this.#resource, { ...this.#selection, pageSize, signal });
    } catch (error) {
      if (optional && isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #hasNone(signal: AbortSignal): Promise<void> {
    this.#heard();
    if (!this.#store.hasSynced || this.#store.size > 0) this.#store.replace([], '');
    await sleep(this.#settings.backoff.capMs, signal).catch(() => {});
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const started = performance.now();
    const eventsBefore = this.stats.events + this.stats.bookmarks;
    const { min, max } = this.#settings.watchSeconds;
    const options = {
      ...this.#selection,
      resourceVersion: this.#store.resourceVersion ?? '',
      timeoutSeconds: Math.ceil(min + Math.random() * (max - min)),
      idleTimeoutMs: this.#settings.idleTimeoutMs,
      signal,
      onOpen: () => this.#opened(),
    };
    await this.#client.watch<T>(this.#resource, options, (event) => this.#take(event));
    const brought = this.stats.events + this.stats.bookmarks > eventsBefore;
    const tooShort = performance.now() - started < shortestHealthyWatchMs;
    if (tooShort && !brought) throw new Error('the watch ended at once and brought nothing');
  }

  #opened(): void {
    this.stats.watches++;
    this.#heard();
  }

  #take(event: WatchEvent<T>): void {
    this.#heard();
    this.#failuresInARow = 0;
    this.#refusalsInARow = 0;
    if (event.type === 'BOOKMARK') this.stats.bookmarks++;
    else this.stats.events++;
    this.#store.observe(event.type, event.object);
  }

  #heard(): void {
    this.stats.lastContactMs = performance.now();
  }

  async #failed(error: unknown, signal: AbortSignal): Promise<void> {
    this.stats.failures++;
    this.#failuresInARow++;
    const refused = error instanceof ApiError;
    if (refused) this.stats.refusals++;
    this.#refusalsInARow = refused ? this.#refusalsInARow + 1 : 0;
    this.#mustList ||= this.#cannotResume(error);
    const waitMs = fullJitterMs(this.#settings.backoff, this.#failuresInARow);
    const level = this.#failuresInARow < 4 ? 'debug' : 'warn';
    this.#logger[level](
      { err: error, waitMs: Math.round(waitMs), relist: this.#mustList },
      'watch interrupted',
    );
    await sleep(waitMs, signal).catch(() => {});
  }

  #cannotResume(error: unknown): boolean {
    if (isGone(error) || isResourceVersionTooLarge(error) || isNotFound(error)) return true;
    return this.#refusalsInARow >= refusalsBeforeRelist;
  }
}
