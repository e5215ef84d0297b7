import { MetricTable } from '#core/computenode/metric-table.ts';
import type { HostMetrics } from '#ports/host-metrics.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Runnable } from '#runtime/runnable.ts';
import { sleep } from '#runtime/sleep.ts';
import { type PrometheusServer, queryByNode } from './query.ts';

export interface PrometheusOptions extends PrometheusServer {
  /** PromQL by the metric's name. */
  readonly queries: ReadonlyMap<string, string>;
  /** Label that has the name of the node. */
  readonly nodeLabel: string;
  readonly intervalMs: number;
  readonly logger: Logger;
}

/** What was not renewed for so many rounds is not known any more. */
const ROUNDS_KEPT = 3;
const LONGEST_QUERY_MS = 10_000;

/**
 * Asks Prometheus now and then, beside everything else: nobody waits for it. Each query has its own fate; what one was
 * last answered counts for three rounds.
 */
export class PrometheusMetrics implements HostMetrics, Runnable {
  readonly name = 'prometheus';
  readonly #options: PrometheusOptions;
  readonly #logger: Logger;
  readonly #table: MetricTable;
  readonly #listeners: ((nodeNames: readonly string[]) => void)[] = [];
  readonly #failing = new Set<string>();

  constructor(options: PrometheusOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ module: 'prometheus' });
    this.#table = new MetricTable(ROUNDS_KEPT * options.intervalMs);
  }

  of(nodeName: string): Readonly<Record<string, number>> | undefined {
    return this.#table.of(nodeName);
  }

  onChange(listener: (nodeNames: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.#round(stop);
      await sleep(this.#options.intervalMs, stop).catch(() => {});
    }
  }

  async #round(stop: AbortSignal): Promise<void> {
    const { queries, intervalMs } = this.#options;
    const signal = AbortSignal.any([stop, AbortSignal.timeout(Math.min(intervalMs, LONGEST_QUERY_MS))]);
    await Promise.all([...queries].map(([metric, query]) => this.#ask(metric, query, signal)));
    if (stop.aborted) return;
    const changed = this.#table.settle(Date.now());
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
  }

  /** Says once that a metric fails, and once that it is there again. */
  async #ask(metric: string, query: string, signal: AbortSignal): Promise<void> {
    try {
      this.#table.take(
        metric,
        await queryByNode(this.#options, query, this.#options.nodeLabel, signal),
        Date.now(),
      );
      if (this.#failing.delete(metric)) this.#logger.info({ metric }, `${metric}: answered again`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!this.#failing.has(metric)) this.#logger.warn({ metric }, `${metric}: no answer: ${why}`);
      this.#failing.add(metric);
    }
  }
}
