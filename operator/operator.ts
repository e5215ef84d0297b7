import type { KubeConfig } from '@kubernetes/client-node';
import { OtlpExporter } from '#adapters/opentelemetry/exporter.ts';
import { PrometheusTelemetry } from '#adapters/prometheus/telemetry.ts';
import { Surge } from '#controllers/surge.ts';
import { NO_TRACER, type Tracer } from '#ports/tracer.ts';
import { createClient } from '#runtime/client.ts';
import { Elector } from '#runtime/elector.ts';
import { HealthServer } from '#runtime/health.ts';
import type { Logger } from '#runtime/logger.ts';
import { createManager, type Manager } from '#runtime/manager.ts';
import { createRecorder, type EventRecorder } from '#runtime/recorder.ts';
import { createCaches } from './caches.ts';
import type { Config } from './config.ts';
import { addControllers } from './controller-set.ts';
import { fleetGauges } from './fleet-gauges.ts';
import { queueGauges, watchCounters } from './runtime-figures.ts';
import { checkVersions } from './version-check.ts';
import { addWebhook } from './webhooks.ts';

/** The operator, wired and not yet running. */
export async function createOperator(
  config: Config,
  kubeConfig: KubeConfig,
  logger: Logger,
): Promise<Manager> {
  const telemetry = new PrometheusTelemetry();
  const client = createClient(kubeConfig, {
    logger: logger.child({ module: 'client' }),
    onAnswer: (method, code) => telemetry.requested(method, code),
  });
  const health = new HealthServer({ port: config.healthPort, host: config.bindAddress });
  const elector = new Elector({
    client,
    lease: `${config.namespace}/berth`,
    identity: config.identity,
    logger,
  });
  const manager = createManager({
    logger,
    elector,
    health,
    stopWithinMs: 10_000 + config.shutdownDelay * 1000,
  });
  const caches = createCaches(client, manager, logger);
  await checkVersions(client, caches.kubeVirts, logger);
  const surge = new Surge();
  const recorder = createRecorder({
    client,
    controller: 'compute.berth.dev/operator',
    instance: config.identity,
    logger,
    holdMs: () => surge.waitMs(),
  });
  const tracer = tracerOf(manager, config, logger);
  const fenced = client.fenced(() => manager.isLeading());
  const controllers = addControllers(manager, {
    config,
    client: fenced,
    caches,
    recorder,
    surge,
    telemetry,
    tracer,
    logger,
  });
  manager.addRunnable({ name: 'events', run: flushAtEnd(recorder) }, 'start');
  const sampled = [...fleetGauges(caches), ...queueGauges(controllers), ...watchCounters(manager)];
  for (const figure of sampled) telemetry.addSampled(figure);
  telemetry.addSampled({
    name: 'leader_election_master_status',
    help: '1 while this replica leads, else 0',
    labels: ['name'],
    samples: () => [[{ name: 'berth' }, manager.isLeading() ? 1 : 0]],
  });
  health.addPage('/metrics', telemetry.page);
  await addWebhook(manager, { config, client, caches, logger }, health);
  return manager;
}

function tracerOf(manager: Manager, { otlpUrl: url, identity }: Config, logger: Logger): Tracer {
  if (url === undefined) return NO_TRACER;
  const exporter = new OtlpExporter({ url, instance: identity, logger });
  manager.addRunnable(exporter, 'start');
  return exporter;
}

/** What was said last is written before the operator ends. */
const flushAtEnd = (recorder: EventRecorder) => async (stop: AbortSignal) => {
  await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  await recorder.flush();
};
