import type { Instance, Placement } from '#api/instance.ts';
import type { FilterCount, NoValidHost, Placed } from '../scheduling/decision.ts';

const MAX_REASONS = 16;
const MAX_EXCLUDED = 8;

type Excluded = NonNullable<Placement['excluded']>;

/** The nodes that refused this request; what an earlier request met does not count. */
export function excludedNodes({ status }: Instance, requestId: string): Excluded {
  return (status?.placement?.requestId === requestId && status.placement.excluded) || [];
}

/** A decision as it is kept on the Instance: counts and reasons, and no host but its own. */
export function placementRecord(
  decision: Placed | NoValidHost,
  {
    instance,
    requestId,
    time,
    availabilityZone,
  }: { instance: Instance; requestId: string; time: Date; availabilityZone?: string },
): Placement {
  const excluded = excludedNodes(instance, requestId);
  return {
    requestId,
    time: time.toISOString(),
    profile: decision.profile,
    hosts: decision.hostsConsidered,
    filters: filtersOf(decision.filters),
    attempt: excluded.length + 1,
    ...(excluded.length > 0 && { excluded }),
    ...(decision.kind === 'placed' && chosenHost(decision, availabilityZone)),
  };
}

function filtersOf(filters: readonly FilterCount[]): Placement['filters'] {
  return filters.map(({ filter, hostsIn, turnedAway, reasons }) => ({
    name: filter,
    passed: hostsIn - turnedAway,
    rejected: reasons.slice(0, MAX_REASONS).map(({ code, hosts }) => ({ reason: code, count: hosts })),
  }));
}

function chosenHost(
  { host, best, hostsLeft }: Placed,
  availabilityZone: string | undefined,
): Partial<Placement> {
  const chosen = best.find((weighed) => weighed.host === host);
  return {
    nodeName: host,
    availabilityZone,
    alternates: hostsLeft - 1,
    weight: chosen?.weight,
    weighers: chosen?.figures.map(({ weigher, raw, normalised }) => ({ name: weigher, raw, normalised })),
  };
}

/** The record once a node refused the guest: the next attempt of this request leaves it out. */
export function withExcluded(
  instance: Instance,
  requestId: string,
  refused: { nodeName: string; message: string },
): Placement {
  const { time, profile, hosts, filters, attempt } = instance.status?.placement ?? {};
  const before = excludedNodes(instance, requestId).filter(({ nodeName }) => nodeName !== refused.nodeName);
  const last = { nodeName: refused.nodeName, message: refused.message.slice(0, 1024) };
  return {
    requestId,
    time,
    profile,
    hosts,
    filters,
    attempt,
    excluded: [...before, last].slice(-MAX_EXCLUDED),
  };
}
