import { type Aggregate, aggregatesOf, isMember, type LabelledNode } from './members.ts';

/** The zone that a node's aggregates give it: the oldest that names one decides. */
export const aggregateZone = (node: LabelledNode, aggregates: readonly Aggregate[]): string | undefined =>
  zoneKeeper(node, aggregates)?.spec.availabilityZone;

export interface ZoneConflict {
  node: string;
  /** The older aggregate, whose zone the node keeps. */
  keeper: string;
  zone: string;
}

/** A member that is in an older aggregate of another zone; Nova refuses to make one. The first by name. */
export function zoneConflict(
  aggregate: Aggregate,
  nodes: readonly LabelledNode[],
  aggregates: readonly Aggregate[],
): ZoneConflict | undefined {
  const own = aggregate.spec.availabilityZone;
  if (own === undefined) return undefined;
  const conflicts = nodes.flatMap((node): ZoneConflict[] => {
    const keeper = isMember(aggregate, node) ? zoneKeeper(node, aggregates) : undefined;
    const zone = keeper?.spec.availabilityZone;
    if (!keeper || zone === undefined || zone === own) return [];
    return [{ node: node.metadata.name, keeper: keeper.metadata.name, zone }];
  });
  return conflicts.sort((a, b) => (a.node < b.node ? -1 : 1))[0];
}

const zoneKeeper = (node: LabelledNode, aggregates: readonly Aggregate[]): Aggregate | undefined =>
  aggregatesOf(node, aggregates).find(({ spec }) => spec.availabilityZone !== undefined);
