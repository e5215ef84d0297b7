import type { CallOptions, KubeClient } from './client.ts';
import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import {
  checkElection,
  defaultElection,
  type ElectionSettings,
  heldBy,
  type Lease,
  LeaseObserver,
  leases,
  released,
} from './lease.ts';
import type { Logger } from './logger.ts';
import { type Key, splitKey } from './resource.ts';
import { sleep } from './sleep.ts';

export interface ElectorOptions {
  client: KubeClient;
  /** "namespace/name" of the Lease. */
  lease: Key;
  /** Unique to this process. */
  identity: string;
  logger: Logger;
  settings?: Partial<ElectionSettings>;
}

/** Lease-based election: at most one of those that use the same Lease leads at any moment. */
export class Elector {
  readonly identity: string;
  readonly #client: KubeClient;
  readonly #key: Key;
  readonly #logger: Logger;
  readonly #settings: ElectionSettings;
  readonly #observer = new LeaseObserver();
  #lease: Lease | undefined;
  /** Monotonic; leadership is certain until then. */
  #leadsUntilMs = Number.NEGATIVE_INFINITY;
  #leading = false;

  constructor(options: ElectorOptions) {
    this.identity = options.identity;
    this.#client = options.client;
    this.#key = options.lease;
    this.#logger = options.logger.child({ module: 'elector', identity: options.identity });
    this.#settings = { ...defaultElection, ...options.settings };
    checkElection(this.#settings);
  }

  /** By the clock, not by a timer: true only while nobody else can have taken the lease, also after a long pause. */
  isLeading(): boolean {
    return this.#leading && performance.now() < this.#leadsUntilMs;
  }

  /** Who held the lease when it was last seen. */
  get holder(): string {
    return this.#lease?.spec.holderIdentity ?? '';
  }

  /** Resolves once this process leads; rejects with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<void> {
    while (!(await this.#try(signal))) {
      signal.throwIfAborted();
      await sleep(this.#settings.retryMs * (0.8 + 0.4 * Math.random()), signal);
    }
    this.#leading = true;
    this.#logger.info({ lease: this.#key }, 'leading');
  }

  /**
   * Keeps the lease until `stop` aborts or it cannot be kept. Says which. When it resolves as 'lost', the lease may
   * be taken leaseMs - renewDeadlineMs later, not earlier.
   */
  async hold(stop: AbortSignal): Promise<'stopped' | 'lost'> {
    while (!stop.aborted) {
      const waitMs = Math.min(this.#settings.retryMs, this.#leftMs());
      await sleep(waitMs, stop).catch(() => {});
      if (stop.aborted) break;
      if (!(await this.#renewInTime(stop))) return this.#lost();
    }
    return 'stopped';
  }

  /** Gives the lease up, so that another process takes it at its next try. To be called when the work has ended. */
  async release(): Promise<void> {
    this.#leading = false;
    const call = { lane: 'urgent', retry: false, timeoutMs: 2_000 } as const;
    try {
      const lease = await this.#read(call);
      if (lease?.spec.holderIdentity !== this.identity) return;
      const spec = released(lease.spec, new Date());
      await this.#client.update<Lease>(leases, { ...lease, spec }, call);
      this.#logger.info({ lease: this.#key }, 'lease released');
    } catch (error) {
      this.#logger.warn({ err: error }, 'lease not released; it runs out by itself');
    }
  }

  #leftMs(): number {
    return Math.max(0, this.#leadsUntilMs - performance.now());
  }

  #lost(): 'lost' {
    this.#leading = false;
    this.#logger.warn({ lease: this.#key, holder: this.holder }, 'lease lost');
    return 'lost';
  }

  /** One try, and more while there is time and nobody else holds the lease. */
  async #renewInTime(stop: AbortSignal): Promise<boolean> {
    while (this.#leftMs() > 0) {
      if (await this.#try(stop)) return true;
      if (stop.aborted) return true;
      if (this.holder !== this.identity) return false;
      const pauseMs = Math.min(this.#settings.retryMs / 4, this.#leftMs());
      await sleep(pauseMs, stop).catch(() => {});
    }
    return false;
  }

  /** True when the lease is ours for another term. Its time counts from before the request was sent. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const startedMs = performance.now();
    const limitMs = this.#leading ? this.#leftMs() : this.#settings.renewDeadlineMs;
    const call = { lane: 'urgent', retry: false, signal, timeoutMs: Math.max(1, limitMs) } as const;
    try {
      const lease = await this.#takeOrRenew(call);
      if (!lease) return false;
      this.#lease = lease;
      this.#leadsUntilMs = startedMs + this.#settings.renewDeadlineMs;
      return performance.now() < this.#leadsUntilMs;
    } catch (error) {
      if (!signal.aborted) this.#logger.debug({ err: error }, 'lease not taken or renewed');
      return false;
    }
  }

  async #takeOrRenew(call: CallOptions): Promise<Lease | undefined> {
    const current = this.#leading && this.#lease ? this.#lease : await this.#read(call);
    if (!current) return this.#create(call);
    if (!this.#observer.mayTake(current.spec, this.identity, this.#settings.leaseMs, performance.now()))
      return undefined;
    const spec = heldBy(this.identity, current.spec, this.#settings.leaseMs, new Date());
    try {
      return await this.#client.update<Lease>(leases, { ...current, spec }, call);
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) await this.#read(call);
      throw error;
    }
  }

  async #read(call: CallOptions): Promise<Lease | undefined> {
    try {
      const lease = await this.#client.get<Lease>(leases, this.#key, call);
      this.#observer.observe(lease, performance.now());
      this.#lease = lease;
      return lease;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#lease = undefined;
      return undefined;
    }
  }

  async #create(call: CallOptions): Promise<Lease | undefined> {
    const { namespace, name } = splitKey(this.#key);
    const spec = heldBy(this.identity, undefined, this.#settings.leaseMs, new Date());
    try {
      return await this.#client.create<Lease>(leases, { metadata: { namespace, name }, spec }, call);
    } catch (error) {
      if (isAlreadyExists(error)) return undefined;
      throw error;
    }
  }
}
