import type { Decision } from './decision.ts';
import type { Fleet } from './fleet.ts';
import { freshPlan } from './plan.ts';
import { Plans } from './plans.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';

/**
 * Chooses a host for one request: all filters, then all weighers, over every host. Takes nothing: the caller claims.
 *
 * Hosts of equal weight are taken in the order of their names (ADR 0020), whatever the order they came in.
 */
export function decide(fleet: Fleet, request: RequestSpec, profile: Profile): Decision {
  return freshPlan(fleet, request, profile).decide(request.draw ?? 0);
}

/**
 * Decides the requests one after the other, claiming each choice in the fleet before the next: the answers of as many
 * `decide` and `claim`, but like requests share one plan. Plans that are passed in serve later batches as well.
 */
export function decideMany(
  fleet: Fleet,
  requests: readonly RequestSpec[],
  profile: Profile,
  plans: Plans = new Plans(fleet, profile),
): Decision[] {
  return requests.map((request) => {
    const decision = plans.decide(request);
    if (decision.kind === 'placed') claimChosen(fleet, decision.host, request);
    return decision;
  });
}

function claimChosen(fleet: Fleet, name: string, request: RequestSpec): void {
  const host = fleet.indexOf(name);
  if (host !== undefined) fleet.claim(host, request.resources, request);
}
