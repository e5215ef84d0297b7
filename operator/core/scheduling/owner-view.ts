import type { Decision, FilterCount, WeighedHost } from './decision.ts';
import type { Shortfall } from './filters/filter.ts';

/** What a tenant may see of a decision: counts, reasons, and the own host's figures. */
export interface OwnerView {
  readonly kind: Decision['kind'];
  readonly profile: string;
  readonly hostsConsidered: number;
  readonly hostsLeft: number;
  readonly filters: readonly FilterCount[];
  /** The host that was chosen; absent when none was, and without figures when it is not among those explained. */
  readonly chosen?: { readonly host: string } & Partial<WeighedHost>;
  readonly alternates: number;
  readonly nearestMiss?: {
    readonly filter: string;
    readonly reason: string;
    readonly shortfalls: readonly Shortfall[];
  };
}

export function ownerView(decision: Decision): OwnerView {
  const { kind, profile, hostsConsidered, filters } = decision;
  const common = { kind, profile, hostsConsidered, filters };
  if (decision.kind === 'placed') {
    const figures = decision.best.find(({ host }) => host === decision.host);
    const chosen = { host: decision.host, ...figures };
    return { ...common, hostsLeft: decision.hostsLeft, chosen, alternates: decision.alternates.length };
  }
  const nearest = decision.nearestMisses[0];
  const nearestMiss = nearest && {
    filter: nearest.filter,
    reason: nearest.reason,
    shortfalls: nearest.shortfalls,
  };
  return { ...common, hostsLeft: 0, alternates: 0, nearestMiss };
}
