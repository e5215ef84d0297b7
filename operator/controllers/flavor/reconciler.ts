import { FIELD_MANAGERS } from '#api/constants.ts';
import { FLAVOR, type Flavor, type FlavorCapacity } from '#api/flavor.ts';
import { mergeConditions } from '#core/conditions.ts';
import { applyIfChanged, differs } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Reconciler } from '#runtime/controller.ts';
import type { Store } from '#runtime/store.ts';
import type { FlavorFigures } from './figures.ts';

const READY = {
  type: 'Ready',
  status: 'True',
  reason: 'Valid',
  message: 'Instances can refer to it',
} as const;

/** Says that a Flavor can be used, and how many more Instances of it fit; what is wrong with one is refused at admission. */
export function flavorReconciler(
  client: KubeClient,
  store: Store<Flavor>,
  figures: FlavorFigures,
  now: () => Date,
): Reconciler {
  return {
    name: 'flavor',
    async reconcile(name) {
      const flavor = store.get(name);
      if (!flavor || flavor.metadata.deletionTimestamp) return figures.forget(name);
      const time = now();
      const { generation } = flavor.metadata;
      const { capacity, inUse, nextInMs } = figures.of(flavor, time.getTime());
      const status = {
        observedGeneration: generation,
        conditions: mergeConditions(flavor.status?.conditions, [READY], { now: time, generation }),
        inUse,
        capacity: { ...capacity, time: sinceWhen(flavor, capacity) ?? time.toISOString() },
      };
      const options = { fieldManager: FIELD_MANAGERS.flavor, force: true, subresource: 'status' };
      await applyIfChanged(client, FLAVOR, store, { metadata: { name }, status }, options);
      return { requeueAfterMs: nextInMs };
    },
  };
}

/** The time of figures that are the same still: a time alone is not worth a write. */
function sinceWhen({ status }: Flavor, capacity: FlavorCapacity): string | undefined {
  return differs(capacity, status?.capacity) ? undefined : status?.capacity?.time;
}
