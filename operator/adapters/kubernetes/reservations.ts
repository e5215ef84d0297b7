import { type Reservation, SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import { nodesLeft, reservationsOf, reserved } from '#core/groups/reservations.ts';
import type { GroupReservations } from '#ports/reservations.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isConflict, isNotFound } from '#runtime/errors.ts';
import { keyOf } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';

/** Reservations in the status of ServerGroups. A group that is gone asks for nothing. */
export function kubernetesReservations(client: KubeClient, store: Store<ServerGroup>): GroupReservations {
  /** Compare-and-swap: a group that was made again under its name has another resourceVersion, too. */
  async function write(group: ServerGroup, reservations: readonly Reservation[]) {
    const patch = { metadata: { resourceVersion: group.metadata.resourceVersion }, status: { reservations } };
    const options = { type: 'merge', subresource: 'status' } as const;
    try {
      store.put(await client.patch<ServerGroup>(SERVER_GROUP, keyOf(group), patch, options));
      return 'written';
    } catch (error) {
      if (isNotFound(error)) return 'gone';
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  }

  return {
    nodesLeft: (groupKey, instanceUid) => nodesLeft(reservationsOf(store.get(groupKey)), instanceUid),
    async reserve(groupKey, nodeName, claims) {
      const group = store.get(groupKey);
      if (!group) return 'reserved';
      const before = reservationsOf(group);
      const after = claims.reduce(
        (sum: readonly Reservation[] | undefined, claim) => sum && reserved(sum, claim, nodeName),
        before,
      );
      if (after === undefined) return 'refused';
      if (after === before || (await write(group, after)) !== 'conflict') return 'reserved';
      await refresh(groupKey);
      return 'refused';
    },
    settle: async (group, reservations) => (await write(group, reservations)) !== 'conflict',
  };

  async function refresh(groupKey: string): Promise<void> {
    try {
      store.put(await client.get<ServerGroup>(SERVER_GROUP, groupKey));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
