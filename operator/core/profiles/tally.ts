import { MAX_LAST_DIFFERING, MAX_SHADOW_REASONS, type ShadowStatus } from '#api/schedulerprofile.ts';
import type { Difference } from './shadow.ts';

/** What a shadow's decisions since the last write come to. */
export interface Tally {
  readonly decisions: number;
  readonly differing: readonly (Difference & { readonly requestId: string })[];
}

export const NO_DECISIONS: Tally = { decisions: 0, differing: [] };

/** The counts so far and those that came since, as the status has them. */
export function addTally(before: ShadowStatus, { decisions, differing }: Tally): ShadowStatus {
  return {
    since: before.since,
    decisions: before.decisions + decisions,
    differing: before.differing + differing.length,
    byReason: byReason(before.byReason, differing),
    lastDiffering: [
      ...differing.toReversed().map(({ requestId, host, shadowHost }) => ({
        requestId,
        ...(host !== undefined && { host }),
        ...(shadowHost !== undefined && { shadowHost }),
      })),
      ...before.lastDiffering,
    ].slice(0, MAX_LAST_DIFFERING),
  };
}

/** Most frequent first; what is beyond the bound is left to the total. */
function byReason(
  before: ShadowStatus['byReason'],
  differing: readonly Difference[],
): ShadowStatus['byReason'] {
  const counts = new Map(before.map((entry) => [`${entry.reason} ${entry.by}`, entry]));
  for (const { reason, by } of differing) {
    const key = `${reason} ${by}`;
    counts.set(key, { reason, by, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count || (a.by < b.by ? -1 : 1));
  return sorted.slice(0, MAX_SHADOW_REASONS);
}
