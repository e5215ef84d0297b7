import type { Instance } from '#api/instance.ts';
import { homeOf } from '#core/claims/settle.ts';
import { groupKeyOf } from '#core/groups/group-key.ts';
import { nodeInGroup, reservationsOf } from '#core/groups/reservations.ts';
import { recordedNodeOf } from '#core/lifecycle/resize-record.ts';
import { type Caches, instanceByUid } from '../caches.ts';

/** Node on which an Instance itself holds its claim, whether its guest runs or not. */
export function claimNodeOf(caches: Caches, instanceUid: string): string | undefined {
  const ledgers = caches.ledgers.byIndex('instance', instanceUid);
  const claimed = ledgers.filter(({ spec }) => spec.claims.some(({ uid }) => uid === instanceUid));
  const claimedNodes = claimed.map(({ metadata }) => metadata.name);
  const instance = instanceByUid(caches, instanceUid);
  return homeOf({
    guestNode: undefined,
    groupNode: instance && groupNodeOf(caches, instance, claimedNodes),
    recordedNode: instance && recordedNodeOf(instance),
    claimedNodes,
  });
}

/** Of the nodes that an Instance has claimed, the one that its affinity group leaves it. */
export function groupNodeOf(
  { serverGroups }: Pick<Caches, 'serverGroups'>,
  instance: Instance,
  claimedNodes: readonly string[],
): string | undefined {
  const group = serverGroups.get(groupKeyOf(instance) ?? '');
  return nodeInGroup(reservationsOf(group), instance.metadata.uid, claimedNodes);
}
