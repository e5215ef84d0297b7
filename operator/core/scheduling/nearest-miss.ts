import { Best } from './best.ts';
import type { NearestMiss } from './decision.ts';
import type { Fleet } from './fleet.ts';
import type { Sieve, Step } from './sieve.ts';

const MOST = 3;
/** Further than any measured miss: a filter that cannot say by how much. */
const UNMEASURED = Number.MAX_VALUE;

/** The hosts that one filter alone refuses, closest first; of equally close ones the first by name. */
export function nearestMisses(fleet: Fleet, sieve: Sieve): NearestMiss[] {
  const closest = new Best(MOST);
  for (let i = 0; i < fleet.size; i += 1) {
    const host = fleet.order[i] ?? 0;
    const step = sieve.soleRefusal(host);
    if (step !== undefined) closest.offer(host, -(step.prepared.distance?.(host) ?? UNMEASURED), i);
  }
  return Array.from(closest.hosts.subarray(0, closest.count), (host) => describe(fleet, sieve, host));
}

function describe(fleet: Fleet, sieve: Sieve, host: number): NearestMiss {
  const { filter, prepared } = sieve.soleRefusal(host) as Step;
  const reason = filter.reasons[prepared.check(host) - 1];
  return {
    host: fleet.nameOf(host),
    filter: filter.name,
    reason: reason?.code ?? '',
    label: reason?.label ?? '',
    shortfalls: prepared.shortfalls?.(host) ?? [],
    detail: prepared.detail?.(host),
  };
}
