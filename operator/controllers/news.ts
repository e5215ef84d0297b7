import type { Claim, NodeLedger } from '#api/nodeledger.ts';
import type { KubeObject } from '#runtime/resource.ts';

/** Somebody asks for something else than before. */
export const isNewSpec = (object: KubeObject, old: KubeObject | undefined): boolean =>
  object.metadata.generation !== old?.metadata.generation;

/** Claims that came to the node or went from it. */
export function changedClaims({ spec }: NodeLedger, old: NodeLedger | undefined): Claim[] {
  const before = new Set(old?.spec.claims.map(({ uid }) => uid));
  const after = new Set(spec.claims.map(({ uid }) => uid));
  const gone = old?.spec.claims.filter(({ uid }) => !after.has(uid)) ?? [];
  return [...spec.claims.filter(({ uid }) => !before.has(uid)), ...gone];
}

export const sameLabels = (node: KubeObject, old: KubeObject | undefined): boolean =>
  old !== undefined && JSON.stringify(node.metadata.labels) === JSON.stringify(old.metadata.labels);
