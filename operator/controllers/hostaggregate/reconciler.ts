import { FIELD_MANAGERS } from '#api/constants.ts';
import { HOST_AGGREGATE, MAX_LISTED_MEMBERS } from '#api/hostaggregate.ts';
import { type Membership, membershipOf } from '#core/aggregates/zone.ts';
import { type ConditionDraft, mergeConditions } from '#core/conditions.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Reconciler } from '#runtime/controller.ts';
import type { Caches } from '../caches.ts';

/** Says who is in an aggregate, and whether another one stands against it. */
export function hostAggregateReconciler(client: KubeClient, caches: Caches, now: () => Date): Reconciler {
  return {
    name: 'hostaggregate',
    async reconcile(name) {
      const aggregate = caches.aggregates.get(name);
      if (!aggregate || aggregate.metadata.deletionTimestamp) return;
      const { generation } = aggregate.metadata;
      const membership = membershipOf(aggregate, caches.nodes.list(), caches.aggregates.list());
      const { members } = membership;
      const ready = readyOf(membership);
      const status = {
        observedGeneration: generation,
        members: members.slice(0, MAX_LISTED_MEMBERS),
        memberCount: members.length,
        conditions: mergeConditions(aggregate.status?.conditions, [ready], { now: now(), generation }),
      };
      const options = { fieldManager: FIELD_MANAGERS.hostAggregate, force: true, subresource: 'status' };
      await applyIfChanged(
        client,
        HOST_AGGREGATE,
        caches.aggregates,
        { metadata: { name }, status },
        options,
      );
    },
  };
}

function readyOf({ members, conflicts }: Membership): ConditionDraft {
  const [conflict, ...others] = conflicts;
  if (conflict) {
    const { node, keeper, zone } = conflict;
    const more = others.length > 0 ? `, and ${others.length} more nodes` : '';
    const message = `${node} is not a member: it stays in zone ${zone} of the older aggregate ${keeper}${more}. Take it out of one of the two, or give both one zone`;
    return { type: 'Ready', status: 'False', reason: 'ZoneConflict', message };
  }
  if (members.length === 0) {
    const message = 'no ComputeNode is named or selected: see the names in nodes and the labels of the Nodes';
    return { type: 'Ready', status: 'False', reason: 'NoMembers', message };
  }
  return { type: 'Ready', status: 'True', reason: 'InForce', message: `holds for ${members.length} nodes` };
}
