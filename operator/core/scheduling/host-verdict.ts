import { decide } from './decide.ts';
import type { WeighedHost } from './decision.ts';
import type { Shortfall } from './filters/filter.ts';
import type { Fleet } from './fleet.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { type ClaimResources, NO_RESOURCES } from './resources.ts';
import { prepareSteps, type Step } from './sieve.ts';

/** One filter's word about one host. It passes where there is no reason. */
export interface FilterVerdict {
  readonly filter: string;
  readonly reason?: string;
  /** The reason in a word or two. */
  readonly label?: string;
  /** The filter's own words about this host. */
  readonly detail?: string;
  /** What is missing, where it can be measured. */
  readonly shortfalls?: readonly Shortfall[];
}

/** Why not this host: all that stands against it, or its place among those that fit. For operators. */
export interface HostVerdict {
  readonly host: string;
  /** Of every filter that applies to the request, those after a refusal included. */
  readonly filters: readonly FilterVerdict[];
  /** Absent where a filter refuses it. `rank` is 1 for the best. */
  readonly standing?: WeighedHost & { readonly rank: number };
}

/** What is to be said of these hosts for this request. Names that the fleet does not have are left out. */
export function judgeHosts(
  fleet: Fleet,
  request: RequestSpec,
  profile: Profile,
  names: readonly string[],
): HostVerdict[] {
  const steps = prepareSteps(fleet, request, profile, () => true);
  const decision = decide(fleet, request, { ...profile, explainedHosts: fleet.size });
  const best = decision.kind === 'placed' ? decision.best : [];
  return names.flatMap((name) => {
    const index = fleet.indexOf(name);
    if (index === undefined) return [];
    const filters = steps.map((step) => verdictOf(step, index));
    const place = best.findIndex(({ host }) => host === name);
    const weighed = best[place];
    return [{ host: name, filters, ...(weighed && { standing: { ...weighed, rank: place + 1 } }) }];
  });
}

/**
 * Could the owner of a claim on this host keep its place: every filter's word as if that claim were not there. It asks for
 * nothing more than it holds, so no resource is looked at. The fleet is left as it was; undefined: no such host.
 */
export function judgeStay(
  fleet: Fleet,
  request: RequestSpec,
  profile: Profile,
  { host: name, held }: { host: string; held: ClaimResources },
): HostVerdict | undefined {
  const host = fleet.indexOf(name);
  if (host === undefined) return undefined;
  const prepare = () => prepareSteps(fleet, { ...request, resources: NO_RESOURCES }, profile, () => true);
  prepare(); // a column that nobody asked for yet is filled with the claim: it has to be there when that is taken off
  fleet.release(host, held, request);
  const steps = prepare();
  const verdict = { host: name, filters: steps.map((step) => verdictOf(step, host)) };
  fleet.claim(host, held, request);
  return verdict;
}

function verdictOf({ filter, prepared }: Step, host: number): FilterVerdict {
  const refusal = prepared.check(host);
  if (refusal === 0) return { filter: filter.name };
  const reason = filter.reasons[refusal - 1];
  return {
    filter: filter.name,
    reason: reason?.code ?? '',
    label: reason?.label ?? '',
    detail: prepared.detail?.(host),
    shortfalls: prepared.shortfalls?.(host) ?? [],
  };
}
