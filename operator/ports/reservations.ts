import type { Reservation, ServerGroup } from '#api/servergroup.ts';
import type { Reserving } from '#core/groups/reservations.ts';

/** Where members of hard affinity groups are, or are about to be: what two nodes' ledgers cannot keep together. */
export interface GroupReservations {
  /** What the other members leave to one: undefined, any node. */
  nodesLeft(groupKey: string, instanceUid: string): readonly string[] | undefined;
  /** One compare-and-swap for all of them. `refused`: others came first, and what is known of the group is fresh now. */
  reserve(groupKey: string, nodeName: string, claims: readonly Reserving[]): Promise<'reserved' | 'refused'>;
  /** Writes what they come to, unless the group has changed since: true when there is nothing left to write. */
  settle(group: ServerGroup, reservations: readonly Reservation[]): Promise<boolean>;
}
