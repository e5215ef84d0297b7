import type { Placement } from '#api/instance.ts';
import {
  type FilterResult,
  MOST_EXCLUDED,
  MOST_FILTERS,
  MOST_REASONS,
  MOST_WEIGHERS,
  type WeigherResult,
} from '#api/placement.ts';
import type { FilterCount, NoValidHost, Placed, WeigherFigure } from '../scheduling/decision.ts';

export type Excluded = NonNullable<Placement['excluded']>;

/** A node that refused is left out for this long: then it is tried again, where no better one is left. */
const EXCLUDED_FOR_MS = 60_000;

/** The nodes that refused this request; what an earlier request met does not count. */
export function excludedIn(placement: Placement | undefined, requestId: string): Excluded {
  return (placement?.requestId === requestId && placement.excluded) || [];
}

/** Of these, the nodes that are left out still. */
export function refusedLately(placement: Placement | undefined, requestId: string, now: Date): string[] {
  const lapsed = now.getTime() - EXCLUDED_FOR_MS;
  const counting = excludedIn(placement, requestId).filter(
    ({ time }) => time === undefined || Date.parse(time) > lapsed,
  );
  return counting.map(({ nodeName }) => nodeName);
}

/** Which attempt of this request it is, from 1: the one that is made, or the next one. */
export function attemptOf(placement: Placement | undefined, requestId: string): number {
  const { attempt = 1 } = placement?.requestId === requestId ? placement : {};
  return Math.max(attempt, excludedIn(placement, requestId).length + 1);
}

interface Recorded {
  /** What was written of the same request before. */
  before?: Placement | undefined;
  requestId: string;
  time: Date;
  availabilityZone?: string | undefined;
}

/** A decision as it is kept on the Instance: counts and reasons, and no host but its own and those that refused this request. */
export function placementRecord(
  decision: Placed | NoValidHost,
  { before, requestId, time, availabilityZone }: Recorded,
): Placement {
  const host = decision.kind === 'placed' ? decision.host : undefined;
  const excluded = excludedIn(before, requestId).filter(({ nodeName }) => nodeName !== host);
  return {
    requestId,
    time: time.toISOString(),
    profile: decision.profile,
    hosts: decision.hostsConsidered,
    filters: filtersOf(decision.filters),
    attempt: attemptOf(before, requestId),
    ...(excluded.length > 0 && { excluded }),
    ...(decision.kind === 'placed' && chosenHost(decision, availabilityZone)),
  };
}

/** What each filter did: names and counts, no hosts. */
export function filtersOf(filters: readonly FilterCount[]): FilterResult[] {
  return filters.slice(0, MOST_FILTERS).map(({ filter, hostsIn, turnedAway, reasons }) => ({
    name: filter,
    passed: hostsIn - turnedAway,
    rejected: reasons.slice(0, MOST_REASONS).map(({ code, hosts }) => ({ reason: code, count: hosts })),
  }));
}

/** The figures of one host: for operators, and for the owner of an Instance that is on that host. */
export function weighersOf(figures: readonly WeigherFigure[]): WeigherResult[] {
  return figures
    .slice(0, MOST_WEIGHERS)
    .map(({ weigher, raw, normalised, multiplier }) => ({ name: weigher, raw, normalised, multiplier }));
}

function chosenHost(
  { host, rank, best, drawn, hostsLeft }: Placed,
  availabilityZone: string | undefined,
): Partial<Placement> {
  const chosen = drawn ?? best[rank - 1];
  return {
    nodeName: host,
    availabilityZone,
    alternates: hostsLeft - 1,
    rank,
    ...(chosen && { weight: chosen.weight, weighers: weighersOf(chosen.figures) }),
  };
}

export interface Refusal {
  nodeName: string;
  message: string;
  time: Date;
}

/** The record once a node refused the guest: the next attempt of this request leaves it out for a while. */
export function withExcluded(
  placement: Placement | undefined,
  requestId: string,
  refused: Refusal,
): Placement {
  const { time, profile, hosts, filters } = placement ?? {};
  const before = excludedIn(placement, requestId).filter(({ nodeName }) => nodeName !== refused.nodeName);
  const last = {
    nodeName: refused.nodeName,
    message: refused.message.slice(0, 1024),
    time: refused.time.toISOString(),
  };
  return {
    requestId,
    time,
    profile,
    hosts,
    filters,
    attempt: attemptOf(placement, requestId) + 1,
    excluded: [...before, last].slice(-MOST_EXCLUDED),
  };
}
