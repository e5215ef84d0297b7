import { FIELD_MANAGERS } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { SERVER_GROUP } from '#api/servergroup.ts';
import { groupStatus, type Member } from '#core/groups/group-status.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { Reconciler } from '#runtime/controller.ts';
import { type Key, keyOf } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import { claimNodeOf } from '../placement/claim-node.ts';
import { type ServerGroupDependencies, settleReservations } from './reservations.ts';

/** A burst of members is told of together: the status lists them all, and must not be written for each. */
const BETWEEN_WRITES_MS = 1_000;

/** Says who is in a group, where they are, and where its policy does not hold; settles what is reserved for them. */
export function serverGroupReconciler(deps: ServerGroupDependencies): Reconciler {
  const { client, caches, now } = deps;
  const written = new Map<Key, number>();
  return {
    name: 'servergroup',
    async reconcile(key) {
      const group = caches.serverGroups.get(key);
      if (!group || group.metadata.deletionTimestamp) {
        written.delete(key);
        return undefined;
      }
      const time = now();
      const waitMs = (written.get(key) ?? 0) + BETWEEN_WRITES_MS - time.getTime();
      if (waitMs > 0) return { requeueAfterMs: waitMs };
      const members = caches.instances.byIndex('serverGroup', key).map((it) => memberOf(caches, it));
      const status = groupStatus(group, members, time);
      const { name, namespace } = group.metadata;
      const options = { fieldManager: FIELD_MANAGERS.serverGroup, force: true, subresource: 'status' };
      const wanted = { metadata: { name, namespace }, status };
      const result = await applyIfChanged(client, SERVER_GROUP, caches.serverGroups, wanted, options);
      if (result.written) written.set(keyOf(group), time.getTime());
      const settled = await settleReservations(deps, result.object);
      return settled ? undefined : { requeueAfterMs: BETWEEN_WRITES_MS };
    },
  };
}

const memberOf = (caches: Caches, { metadata }: Instance): Member => ({
  name: metadata.name,
  nodeName: claimNodeOf(caches, metadata.uid),
});
