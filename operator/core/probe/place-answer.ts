import type { ClusterPlacementProbeStatus } from '#api/clusterplacementprobe.ts';
import { MOST_FILTERS } from '#api/placement.ts';
import type { PlacementProbeStatus } from '#api/placementprobe.ts';
import { LONGEST_DETAIL, MOST_BEST, MOST_MISSES, MOST_MISSING } from '#api/probe-answer.ts';
import { filtersOf, weighersOf } from '../placement/record.ts';
import type { Decision, NearestMiss, WeighedHost } from '../scheduling/decision.ts';
import type { Shortfall } from '../scheduling/filters/filter.ts';
import type { FilterVerdict, HostVerdict } from '../scheduling/host-verdict.ts';

type NodeAnswer = NonNullable<ClusterPlacementProbeStatus['nodes']>[number];

/** What the prober found about one placement or move. */
export interface PlaceFindings {
  readonly decision: Decision;
  /** Zone of the host that would be chosen. */
  readonly availabilityZone: string | undefined;
  /** The node that it holds a place on, and what the filters say of its staying there. */
  readonly current?: { readonly nodeName: string; readonly verdict: HostVerdict | undefined };
}

/** Counts and reasons, and no node but the own: for owners. */
export function countsAnswer({
  decision,
  availabilityZone,
  current,
}: PlaceFindings): Omit<PlacementProbeStatus, 'flavors'> {
  return {
    profile: decision.profile,
    hosts: decision.hostsConsidered,
    fits: decision.kind === 'placed' ? decision.hostsLeft : 0,
    filters: filtersOf(decision.filters),
    ...(availabilityZone !== undefined && { availabilityZone }),
    ...(current?.verdict && {
      current: { nodeName: current.nodeName, refusals: refusalsOf(current.verdict.filters) },
    }),
  };
}

/** The same with the hosts: for operators. `nodes` are what the filters say of each node that was asked about. */
export function hostsAnswer(
  findings: PlaceFindings,
  nodes: readonly NodeAnswer[] | undefined,
): ClusterPlacementProbeStatus {
  const { decision } = findings;
  return {
    ...countsAnswer(findings),
    ...(decision.kind === 'placed'
      ? { nodeName: decision.host, best: decision.best.slice(0, MOST_BEST).map(standingOf) }
      : { nearestMisses: decision.nearestMisses.slice(0, MOST_MISSES).map(missOf) }),
    ...(nodes && { nodes: [...nodes] }),
  };
}

/** A move that finds no host: that the Instance could stay where it is, is no near miss. */
export function elsewhere(decision: Decision, nodeName: string): Decision {
  if (decision.kind === 'placed') return decision;
  return { ...decision, nearestMisses: decision.nearestMisses.filter(({ host }) => host !== nodeName) };
}

/** Why not this node. Where the Instance is there already, it is not asked to be better than others. */
export function nodeAnswer(
  nodeName: string,
  verdict: HostVerdict | undefined,
  isCurrent: boolean,
): NodeAnswer {
  if (verdict === undefined) return { nodeName, verdict: 'Unknown' };
  const filters = verdict.filters.slice(0, MOST_FILTERS).map(filterAnswer);
  if (verdict.filters.some(({ reason }) => reason !== undefined))
    return { nodeName, verdict: 'Refused', filters };
  const { standing } = verdict;
  if (isCurrent || !standing) return { nodeName, verdict: isCurrent ? 'Stays' : 'Fits', filters };
  const { rank, weight, figures } = standing;
  return { nodeName, verdict: 'Fits', rank, weight, weighers: weighersOf(figures), filters };
}

export function refusalsOf(filters: readonly FilterVerdict[]): { filter: string; reason: string }[] {
  return filters
    .flatMap(({ filter, reason }) => (reason === undefined ? [] : [{ filter, reason }]))
    .slice(0, MOST_FILTERS);
}

function standingOf({ host, weight, figures }: WeighedHost) {
  return { nodeName: host, weight, weighers: weighersOf(figures) };
}

function missOf({ host, filter, reason, detail, shortfalls }: NearestMiss) {
  return { nodeName: host, filter, reason, ...words(detail, shortfalls) };
}

function filterAnswer({ filter, reason, detail, shortfalls = [] }: FilterVerdict) {
  return { name: filter, ...(reason !== undefined && { reason, ...words(detail, shortfalls) }) };
}

function words(detail: string | undefined, shortfalls: readonly Shortfall[]) {
  return {
    ...(detail !== undefined && { detail: detail.slice(0, LONGEST_DETAIL) }),
    ...(shortfalls.length > 0 && {
      missing: shortfalls
        .slice(0, MOST_MISSING)
        .map(({ resource, missing, unit }) => ({ resource, amount: missing, unit })),
    }),
  };
}
