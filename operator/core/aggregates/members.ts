import type { HostAggregateSpec } from '#api/hostaggregate.ts';

/** An aggregate, as far as it matters who is in it. */
export interface Aggregate {
  metadata: { name: string; creationTimestamp?: string };
  spec: HostAggregateSpec;
}

export interface LabelledNode {
  metadata: { name: string; labels?: Record<string, string> };
}

/** Is the node named, or has it all labels of a selector that has some? */
export function selects({ spec }: Aggregate, { metadata: { name, labels } }: LabelledNode): boolean {
  const wanted = Object.entries(spec.nodeSelector?.matchLabels ?? {});
  const selected = wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
  return selected || (spec.nodes?.includes(name) ?? false);
}

/**
 * The aggregates that a node is in, the oldest first; those of one second by name. The oldest that names a zone gives it
 * to the node, and one that names another does not have the node: Nova refuses to add a host to a second zone.
 */
export function aggregatesOf<A extends Aggregate>(node: LabelledNode, aggregates: readonly A[]): A[] {
  const selecting = aggregates.filter((it) => selects(it, node)).sort(bySeniority);
  const zone = zoneOf(selecting);
  return selecting.filter(({ spec }) => [undefined, zone].includes(spec.availabilityZone));
}

const zoneOf = (aggregates: readonly Aggregate[]): string | undefined =>
  aggregates.find(({ spec }) => spec.availabilityZone !== undefined)?.spec.availabilityZone;

function bySeniority({ metadata: a }: Aggregate, { metadata: b }: Aggregate): number {
  const [since, otherSince] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (since !== otherSince) return since < otherSince ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
