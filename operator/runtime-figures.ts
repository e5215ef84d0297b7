import type { Sample, SampledDefinition } from '#adapters/prometheus/telemetry.ts';
import type { Controller } from '#runtime/controller.ts';
import type { AnyInformer, Manager } from '#runtime/manager.ts';

/** How busy the controllers are, by client-go's names. */
export function queueGauges(controllers: readonly Controller[]): SampledDefinition[] {
  const gauge = (name: string, help: string, of: (controller: Controller) => number): SampledDefinition => ({
    name,
    help,
    labels: ['name'],
    samples: () => controllers.map((it): Sample => [{ name: it.name }, of(it)]),
  });
  return [
    gauge('workqueue_depth', 'Keys that could be worked on now', (it) => it.load().ready),
    gauge('workqueue_delayed', 'Keys that wait for their time', (it) => it.load().delayed),
    gauge(
      'workqueue_longest_running_processor_seconds',
      'For how long the key that takes longest has been worked on',
      (it) => it.load().longestRunSeconds,
    ),
    gauge('controller_runtime_active_workers', 'Keys that are worked on', (it) => it.load().running),
  ];
}

/** How often kinds were listed and watched, by client-go's names. */
export function watchCounters(manager: Pick<Manager, 'informers'>): SampledDefinition[] {
  const counter = (
    name: string,
    help: string,
    of: (stats: AnyInformer['stats']) => number,
  ): SampledDefinition => ({
    name,
    help,
    labels: ['name'],
    samples: () =>
      manager.informers.map(({ resource, stats }): Sample => [{ name: resource.plural }, of(stats)]),
  });
  return [
    counter('reflector_lists_total', 'Lists; above 1 where a watch could not be resumed', (it) => it.lists),
    counter('reflector_watches_total', 'Watches that were begun', (it) => it.watches),
    counter('reflector_failures_total', 'Lists and watches that failed', (it) => it.failures),
  ];
}
