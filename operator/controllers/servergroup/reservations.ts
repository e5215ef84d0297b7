import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import type { Reservation, ServerGroup } from '#api/servergroup.ts';
import {
  type ClaimOnNode,
  reservationsOf,
  sameReservations,
  settledReservations,
} from '#core/groups/reservations.ts';
import type { GroupReservations } from '#ports/reservations.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import { keyOf } from '#runtime/resource.ts';
import { type Caches, instanceByUid } from '../caches.ts';
import { isOwnerActive } from '../claims/owner.ts';

export interface ServerGroupDependencies {
  client: KubeClient;
  caches: Caches;
  reservations: GroupReservations;
  now(): Date;
}

/**
 * Makes an affinity group's reservations follow its members' claims: what is missing is added, what nobody will claim
 * any more goes. False: somebody reserved in between, look again.
 */
export async function settleReservations(
  { client, caches, reservations }: ServerGroupDependencies,
  group: ServerGroup,
): Promise<boolean> {
  if (group.spec.policy !== 'affinity') return true;
  const held = reservationsOf(group);
  const key = keyOf(group);
  if (
    sameReservations(
      held,
      settledReservations(held, claimsOf(caches, key), () => false),
    )
  )
    return true;
  await refreshLedgers(client, caches, [...claimsOf(caches, key), ...held]);
  const active = await ownersActive(client, group.metadata.namespace ?? '', held);
  const after = settledReservations(
    held,
    claimsOf(caches, key),
    ({ uid }, holdsAnother) => active.has(uid) && (!holdsAnother || isResized(caches, uid)),
  );
  if (sameReservations(held, after)) return true;
  return reservations.settle(group, after);
}

/** It holds two places, or is about to. */
const isResized = (caches: Caches, uid: string): boolean =>
  instanceByUid(caches, uid)?.status?.resize !== undefined;

function claimsOf(caches: Caches, groupKey: string): ClaimOnNode[] {
  return caches.ledgers
    .byIndex('serverGroup', groupKey)
    .flatMap(({ metadata, spec }) =>
      spec.claims
        .filter(({ namespace, serverGroup }) => `${namespace}/${serverGroup}` === groupKey)
        .map((claim) => ({ nodeName: metadata.name, claim })),
    );
}

/** A claim that is seen late must not undo the reservation that came after it. */
async function refreshLedgers(client: KubeClient, caches: Caches, at: { nodeName: string }[]): Promise<void> {
  const names = new Set(at.map(({ nodeName }) => nodeName));
  const reading = [...names].map(async (name) => {
    try {
      caches.ledgers.put(await client.get<NodeLedger>(NODE_LEDGER, name));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  });
  await Promise.all(reading);
}

async function ownersActive(
  client: KubeClient,
  namespace: string,
  reservations: readonly Reservation[],
): Promise<Set<string>> {
  const asked = reservations.map(async (it) =>
    (await isOwnerActive(client, { ...it, namespace })) ? it.uid : '',
  );
  return new Set(await Promise.all(asked));
}
