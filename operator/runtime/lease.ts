import type { KubeObject, Resource } from './resource.ts';

export const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

export interface Lease extends KubeObject {
  spec: LeaseSpec;
}

export interface ElectionSettings {
  /** A lease that nobody renewed for this long may be taken. */
  leaseMs: number;
  /** The leader steps down when it could not renew for this long; less than leaseMs. */
  renewDeadlineMs: number;
  /** Between tries to take or renew it. */
  retryMs: number;
}

export const defaultElection: ElectionSettings = { leaseMs: 5_000, renewDeadlineMs: 3_500, retryMs: 1_000 };

export function checkElection(settings: ElectionSettings): void {
  const { leaseMs, renewDeadlineMs, retryMs } = settings;
  if (renewDeadlineMs >= leaseMs) throw new Error('election: renewDeadlineMs must be less than leaseMs');
  if (retryMs * 2 > renewDeadlineMs)
    throw new Error('election: renewDeadlineMs must leave room for two tries');
}

/** metav1.MicroTime: exactly six decimals. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

/** The spec with which `identity` takes or renews a lease. */
export function heldBy(
  identity: string,
  before: LeaseSpec | undefined,
  leaseMs: number,
  now: Date,
): LeaseSpec {
  const keeps = before?.holderIdentity === identity;
  const transitions = before?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseMs / 1000),
    acquireTime: keeps ? before?.acquireTime : microTime(now),
    renewTime: microTime(now),
    leaseTransitions: keeps || !before?.holderIdentity ? transitions : transitions + 1,
  };
}

/** The spec that lets anyone take the lease at once. */
export function released(before: LeaseSpec, now: Date): LeaseSpec {
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) };
}

/**
 * Judges someone else's lease by one's own clock only, as client-go does: clocks of machines differ, so what counts is
 * how long ago a change of the lease was last seen here, not the time that is written in it.
 */
export class LeaseObserver {
  #seen: string | undefined;
  #seenAtMs = 0;

  /** `nowMs` is monotonic, taken after the lease was read. */
  observe(lease: Lease, nowMs: number): void {
    const { resourceVersion } = lease.metadata;
    if (resourceVersion === this.#seen) return;
    this.#seen = resourceVersion;
    this.#seenAtMs = nowMs;
  }

  mayTake(spec: LeaseSpec, identity: string, leaseMs: number, nowMs: number): boolean {
    if (!spec.holderIdentity || spec.holderIdentity === identity) return true;
    const theirsMs = (spec.leaseDurationSeconds ?? 0) * 1000;
    return nowMs - this.#seenAtMs > Math.max(leaseMs, theirsMs);
  }
}
