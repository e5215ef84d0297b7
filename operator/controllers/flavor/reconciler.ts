import { FIELD_MANAGERS } from '#api/constants.ts';
import { FLAVOR, type Flavor } from '#api/flavor.ts';
import { mergeConditions } from '#core/conditions.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Reconciler } from '#runtime/controller.ts';
import type { Store } from '#runtime/store.ts';

/** Says that a Flavor can be used; what is wrong with one is refused at admission already. */
export function flavorReconciler(client: KubeClient, store: Store<Flavor>, now: () => Date): Reconciler {
  return {
    name: 'flavor',
    async reconcile(name) {
      const flavor = store.get(name);
      if (!flavor || flavor.metadata.deletionTimestamp) return;
      const { generation } = flavor.metadata;
      if (flavor.status?.observedGeneration === generation) return;
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'Valid',
        message: 'Instances can refer to it',
      } as const;
      const conditions = mergeConditions(flavor.status?.conditions, [ready], { now: now(), generation });
      const options = { fieldManager: FIELD_MANAGERS.flavor, force: true, subresource: 'status' };
      const status = { observedGeneration: generation, conditions };
      await applyIfChanged(client, FLAVOR, store, { metadata: { name }, status }, options);
    },
  };
}
