import { FIELD_MANAGERS } from '#api/constants.ts';
import { HOST_AGGREGATE, type HostAggregate, MAX_LISTED_MEMBERS } from '#api/hostaggregate.ts';
import { isMember } from '#core/aggregates/members.ts';
import { zoneConflict } from '#core/aggregates/zone.ts';
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
      const members = caches.nodes
        .list()
        .filter((node) => isMember(aggregate, node))
        .map(({ metadata }) => metadata.name)
        .sort();
      const ready = readyOf(caches, aggregate, members.length);
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

function readyOf(caches: Caches, aggregate: HostAggregate, members: number): ConditionDraft {
  const conflict = zoneConflict(aggregate, caches.nodes.list(), caches.aggregates.list());
  if (conflict) {
    const { node, keeper, zone } = conflict;
    const message = `${node} stays in zone ${zone} of the older aggregate ${keeper}: take it out of one of the two, or give both one zone`;
    return { type: 'Ready', status: 'False', reason: 'ZoneConflict', message };
  }
  if (members === 0) {
    const message = 'no ComputeNode is named or selected: see the names in nodes and the labels of the Nodes';
    return { type: 'Ready', status: 'False', reason: 'NoMembers', message };
  }
  return { type: 'Ready', status: 'True', reason: 'InForce', message: `holds for ${members} nodes` };
}
