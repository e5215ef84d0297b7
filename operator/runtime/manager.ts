import type { Controller } from './controller.ts';
import type { Elector } from './elector.ts';
import type { HealthServer } from './health.ts';
import type { Informer } from './informer.ts';
import { lead } from './leadership.ts';
import type { Logger } from './logger.ts';
import type { ReflectorStats } from './reflector.ts';
import type { KubeObject } from './resource.ts';
import { aborted, type Runnable } from './runnable.ts';
import { settledWithin } from './sleep.ts';

/**
 * When a runnable runs: from the start; once all stores are filled; or only while this process leads. All but those of
 * the leader run on every replica.
 */
export type Phase = 'start' | 'synced' | 'leader';

export interface ManagerOptions {
  logger: Logger;
  /** Without one, this process always leads. */
  elector?: Elector;
  /** Gets the readiness checks of the informers and the liveness checks of the controllers; run by the manager from the start. */
  health?: HealthServer;
  /** For what runs on every replica to end; 10 s unless set. */
  stopWithinMs?: number;
}

export interface Manager {
  addInformer<T extends KubeObject>(informer: Informer<T>): Informer<T>;
  readonly informers: readonly AnyInformer[];
  /** Runs while this process leads. */
  addController(controller: Controller): void;
  addRunnable(runnable: Runnable, phase: Phase): void;
  /** Runs everything until `stop` aborts and all has ended; rejects with what made it end otherwise. */
  start(stop: AbortSignal): Promise<void>;
  isLeading(): boolean;
}

export interface AnyInformer {
  readonly resource: { plural: string };
  readonly stats: Readonly<ReflectorStats>;
  readonly synced: Promise<void>;
  start(signal: AbortSignal): Promise<void>;
  trouble(): string | undefined;
}

export function createManager(options: ManagerOptions): Manager {
  return new PhasedManager(options);
}

class PhasedManager implements Manager {
  readonly #options: ManagerOptions;
  readonly #logger: Logger;
  readonly #informers: AnyInformer[] = [];
  readonly #runnables: Record<Phase, Runnable[]> = { start: [], synced: [], leader: [] };
  readonly #failed = Promise.withResolvers<never>();

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ module: 'manager' });
    this.#failed.promise.catch(() => {});
    if (options.health) this.#runnables.start.push(options.health);
  }

  addInformer<T extends KubeObject>(informer: Informer<T>): Informer<T> {
    this.#informers.push(informer);
    this.#options.health?.addReadiness(`informer ${informer.resource.plural}`, () => informer.trouble());
    return informer;
  }

  get informers(): readonly AnyInformer[] {
    return this.#informers;
  }

  addController(controller: Controller): void {
    this.#options.health?.addLiveness(`controller ${controller.name}`, () => controller.trouble());
    this.addRunnable(controller, 'leader');
  }

  addRunnable(runnable: Runnable, phase: Phase): void {
    this.#runnables[phase].push(runnable);
  }

  isLeading(): boolean {
    return this.#options.elector?.isLeading() ?? true;
  }

  async start(stop: AbortSignal): Promise<void> {
    const [always, reading] = [new AbortController(), new AbortController()];
    const running: Array<Promise<void>> = [];
    const informing = this.#informers.map((informer) => informer.start(reading.signal));
    try {
      running.push(...this.#runAll('start', always.signal));
      await this.#orEnd(stop, Promise.all(this.#informers.map((informer) => informer.synced)));
      this.#logger.info({ informers: this.#informers.length }, 'all stores are filled');
      running.push(...this.#runAll('synced', always.signal));
      await Promise.race([this.#leadUntil(stop), this.#failed.promise]);
    } finally {
      always.abort();
      await settledWithin(Promise.all(running), this.#options.stopWithinMs ?? 10_000);
      reading.abort();
      await Promise.all(informing);
      this.#logger.info('stopped');
    }
  }

  #runAll(phase: Phase, stop: AbortSignal): Array<Promise<void>> {
    return this.#runnables[phase].map((runnable) =>
      runnable.run(stop).catch((error) => {
        this.#logger.error({ err: error, runnable: runnable.name }, 'failed');
        this.#failed.reject(error);
      }),
    );
  }

  #orEnd(stop: AbortSignal, work: Promise<unknown>): Promise<unknown> {
    return Promise.race([work, aborted(stop), this.#failed.promise]);
  }

  async #leadUntil(stop: AbortSignal): Promise<void> {
    const { elector } = this.#options;
    const { leader } = this.#runnables;
    if (!elector) {
      await Promise.all(leader.map((runnable) => runnable.run(stop)));
      return aborted(stop);
    }
    while (!stop.aborted) {
      await elector.acquire(stop).catch((error) => {
        if (!stop.aborted) throw error;
      });
      if (!stop.aborted) await lead(elector, leader, stop);
    }
  }
}
