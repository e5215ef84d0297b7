import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OperationName } from '#api/instance.ts';
import type { OperationResult } from '#api/instance-status.ts';
import type { Decision } from '#core/scheduling/decision.ts';
import type { Telemetry } from '#ports/telemetry.ts';
import type { ControllerMetrics } from '#runtime/controller.ts';
import type { Page } from '#runtime/health.ts';

/** A value with its labels, as it is when Prometheus asks. */
export type Sample = readonly [labels: Record<string, string>, value: number];

/** A figure that is kept elsewhere. */
export interface SampledDefinition {
  /** One that ends in `_total` only grows. */
  name: string;
  help: string;
  labels: readonly string[];
  samples: () => Iterable<Sample>;
}

const OUTCOMES = {
  done: 'success',
  requeued: 'requeue_after',
  conflict: 'requeue',
  failed: 'error',
} as const;

/** From 50 microseconds to 0.2 s: a decision takes tens of microseconds for like requests, milliseconds for the first of a kind. */
const DECISION_BUCKETS = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2];
/** From one second to an hour: a start takes seconds, the copy of a big disk as long as it takes. */
const OPERATION_BUCKETS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];
const ATTEMPT_BUCKETS = [1, 2, 3, 4, 6, 10];
const RECONCILE_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

/** Of prom-client: sums of what it tells by type as well, with the name of a counter, which they are not. */
const MISNAMED = ['handles', 'requests', 'resources'].map((it) => `nodejs_active_${it}_total`);

/**
 * Prometheus metrics of the operator, all in one page. Names of the machinery are those of controller-runtime and
 * client-go, so that dashboards for these show Berth too; Berth's own begin with `berth_`. docs/metrics.md lists them.
 */
export class PrometheusTelemetry implements Telemetry, ControllerMetrics {
  readonly #registry = new Registry();
  readonly #decisions = this.#counter('berth_scheduling_decisions_total', 'Decisions of the scheduler', [
    'profile',
    'result',
  ]);
  readonly #decisionTime = this.#histogram(
    'berth_scheduling_decision_duration_seconds',
    'Time of one decision, claims apart',
    ['profile'],
    DECISION_BUCKETS,
  );
  readonly #rejections = this.#counter(
    'berth_scheduling_filter_rejections_total',
    'Hosts that a filter turned away, in requests that found no valid host',
    ['filter', 'reason'],
  );
  readonly #operations = this.#histogram(
    'berth_operation_duration_seconds',
    'Operations on Instances, from their begin to their end',
    ['operation', 'result'],
    OPERATION_BUCKETS,
  );
  readonly #mended = this.#counter(
    'berth_ledgers_mended_total',
    'Ledgers that were lost or wrong, and were mended',
    ['node'],
  );
  readonly #reconciles = this.#counter('controller_runtime_reconcile_total', 'Reconciliations', [
    'controller',
    'result',
  ]);
  readonly #reconcileTime = this.#histogram(
    'controller_runtime_reconcile_time_seconds',
    'Time of one reconciliation',
    ['controller'],
    RECONCILE_BUCKETS,
  );
  readonly #queueTime = this.#histogram(
    'workqueue_queue_duration_seconds',
    'How long a key waited until it was taken up',
    ['name'],
    RECONCILE_BUCKETS,
  );
  readonly #attempts = this.#histogram(
    'berth_scheduling_attempts',
    'How many nodes an Instance was given until it ran on one',
    [],
    ATTEMPT_BUCKETS,
  );
  readonly #requests = this.#counter(
    'rest_client_requests_total',
    'Requests to the API server, tries counted',
    ['method', 'code'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  decided(decision: Decision, seconds: number): void {
    const { profile } = decision;
    const placed = decision.kind === 'placed';
    this.#decisions.inc({ profile, result: placed ? 'placed' : 'no_valid_host' });
    this.#decisionTime.observe({ profile }, seconds);
    if (placed) return;
    for (const { filter, reasons } of decision.filters)
      for (const { code, hosts } of reasons) this.#rejections.inc({ filter, reason: code }, hosts);
  }

  operationEnded(operation: OperationName, result: OperationResult, seconds: number): void {
    this.#operations.observe({ operation, result }, seconds);
  }

  built(attempts: number): void {
    this.#attempts.observe(attempts);
  }

  ledgerMended(node: string): void {
    this.#mended.inc({ node });
  }

  reconciled(controller: string, outcome: keyof typeof OUTCOMES, seconds: number): void {
    this.#reconciles.inc({ controller, result: OUTCOMES[outcome] });
    this.#reconcileTime.observe({ controller }, seconds);
  }

  taken(name: string, waitedSeconds: number): void {
    this.#queueTime.observe({ name }, waitedSeconds);
  }

  /** `code`: HTTP status, or `<error>` when there was no answer. */
  requested(method: string, code: string): void {
    this.#requests.inc({ method, code });
  }

  /** Adds a figure that is worked out when it is asked for. */
  addSampled({ name, help, labels, samples }: SampledDefinition): void {
    const options = { name, help, labelNames: labels, registers: [this.#registry] };
    if (name.endsWith('_total'))
      new Counter({
        ...options,
        collect() {
          this.reset();
          for (const [values, value] of samples()) this.inc(values, value);
        },
      });
    else
      new Gauge({
        ...options,
        collect() {
          this.reset();
          for (const [values, value] of samples()) this.set(values, value);
        },
      });
  }

  get page(): Page {
    return { contentType: this.#registry.contentType, render: () => this.#registry.metrics() };
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }
}
