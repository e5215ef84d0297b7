import { type Aggregate, aggregatesOf, type LabelledNode, selects } from './members.ts';

/** The zone that a node's aggregates give it: the oldest that names one decides. */
export const aggregateZone = (node: LabelledNode, aggregates: readonly Aggregate[]): string | undefined =>
  zoneKeeper(node, aggregates)?.spec.availabilityZone;

export interface ZoneConflict {
  node: string;
  /** The older aggregate, whose zone the node keeps. */
  keeper: string;
  zone: string;
}

/** A node that is selected, and is in an older aggregate of another zone. */
export interface Membership {
  /** Names of the nodes in it, sorted. */
  members: string[];
  /** By the name of the node. */
  conflicts: ZoneConflict[];
}

/** Which of the nodes that an aggregate selects it has, and which another zone keeps from it. */
export function membershipOf(
  aggregate: Aggregate,
  nodes: readonly LabelledNode[],
  aggregates: readonly Aggregate[],
): Membership {
  const own = aggregate.spec.availabilityZone;
  const membership: Membership = { members: [], conflicts: [] };
  for (const node of nodes.filter((it) => selects(aggregate, it))) {
    const keeper = own === undefined ? undefined : zoneKeeper(node, aggregates);
    const zone = keeper?.spec.availabilityZone;
    if (!keeper || zone === undefined || zone === own) membership.members.push(node.metadata.name);
    else membership.conflicts.push({ node: node.metadata.name, keeper: keeper.metadata.name, zone });
  }
  membership.members.sort();
  membership.conflicts.sort((a, b) => (a.node < b.node ? -1 : 1));
  return membership;
}

const zoneKeeper = (node: LabelledNode, aggregates: readonly Aggregate[]): Aggregate | undefined =>
  aggregatesOf(node, aggregates).find(({ spec }) => spec.availabilityZone !== undefined);
