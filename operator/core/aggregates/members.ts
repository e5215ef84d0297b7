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
export function isMember({ spec }: Aggregate, { metadata: { name, labels } }: LabelledNode): boolean {
  const wanted = Object.entries(spec.nodeSelector?.matchLabels ?? {});
  const selected = wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
  return selected || (spec.nodes?.includes(name) ?? false);
}

/** The aggregates that a node is in, the oldest first; those of one second by name. */
export const aggregatesOf = <A extends Aggregate>(node: LabelledNode, aggregates: readonly A[]): A[] =>
  aggregates.filter((it) => isMember(it, node)).sort(bySeniority);

function bySeniority({ metadata: a }: Aggregate, { metadata: b }: Aggregate): number {
  const [since, otherSince] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (since !== otherSince) return since < otherSince ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
