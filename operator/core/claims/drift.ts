import type { Claim } from '#api/nodeledger.ts';
import { sameResources } from '../scheduling/resources.ts';

/** A claim that a node's ledger must have, since the guest runs there, or has its place there. */
export interface Evidence {
  claim: Claim;
  /** What speaks for it, in words. */
  because: string;
}

/** What a ledger lacks, or has wrong, by what is known otherwise. */
export type Drift =
  | { kind: 'missing'; claim: Claim; because: string }
  | { kind: 'wrong'; claim: Claim; was: Claim };

/**
 * `rightOf` says what a claim's figures should be, where that is known. A claim that nothing speaks for is no drift: it
 * may be one that was just made, and goes when its owner does.
 */
export function driftOf(
  claims: readonly Claim[],
  evidence: readonly Evidence[],
  rightOf: (claim: Claim) => Claim | undefined,
): Drift[] {
  const held = new Set(claims.map(({ instanceUid }) => instanceUid));
  const missing = evidence.filter(({ claim }) => !held.has(claim.instanceUid));
  const wrong = claims.flatMap((was): Drift[] => {
    const claim = rightOf(was);
    return claim && differs(was, claim) ? [{ kind: 'wrong', claim, was }] : [];
  });
  return [...missing.map((it) => ({ kind: 'missing' as const, ...it })), ...wrong];
}

/** The overhead may be more than is needed now: it was reckoned when the claim was made. */
function differs(was: Claim, right: Claim): boolean {
  return (
    !sameResources(was, { ...right, overheadMiB: was.overheadMiB }) ||
    was.overheadMiB < right.overheadMiB ||
    was.serverGroup !== right.serverGroup
  );
}

export function mended(claims: readonly Claim[], drift: readonly Drift[]): readonly Claim[] {
  if (drift.length === 0) return claims;
  const right = new Map(drift.map(({ claim }) => [claim.uid, claim]));
  const there = new Set(claims.map(({ uid }) => uid));
  const added = [...right.values()].filter(({ uid }) => !there.has(uid));
  return [...claims.map((claim) => right.get(claim.uid) ?? claim), ...added];
}

const MOST_NAMED = 5;

/** For operators: what was mended. */
export function inWords(drift: readonly Drift[]): string {
  const named = drift.slice(0, MOST_NAMED).map((it) => {
    const owner = `${it.claim.namespace}/${it.claim.name}`;
    return it.kind === 'missing' ? `${owner} was missing: ${it.because}` : `${owner} had wrong figures`;
  });
  const more = drift.length > MOST_NAMED ? [`and ${drift.length - MOST_NAMED} more`] : [];
  return [...named, ...more].join('; ');
}
