import type { Decision } from './decision.ts';
import type { Fleet } from './fleet.ts';
import { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { likeKey, type RequestSpec } from './request-spec.ts';

/** A plan of 5,000 hosts takes about 200 KiB. */
const MOST = 64;

/** The plans of the kinds of request seen last, for one fleet and one profile. */
export class Plans {
  readonly #fleet: Fleet;
  readonly #profile: Profile;
  #asked = 0;
  #made = 0;
  readonly #plans = new Map<string, Plan>();

  constructor(fleet: Fleet, profile: Profile) {
    this.#fleet = fleet;
    this.#profile = profile;
  }

  /** How many of the requests so far found a plan that was made for an earlier one. */
  get keptShare(): number {
    return 1 - this.#made / Math.max(1, this.#asked);
  }

  /** The answer to the request for the fleet as it is. */
  decide(request: RequestSpec): Decision {
    const { ties, ...untied } = request;
    const plan = this.#planFor(untied);
    if (ties === undefined) return plan.decide(request.draw ?? 0);
    return (
      plan.decideTied(request) ?? new Plan(this.#fleet, request, this.#profile).decide(request.draw ?? 0)
    );
  }

  /** A plan for requests like this one, which has no ties, up to date with the fleet. */
  #planFor(request: RequestSpec): Plan {
    const key = likeKey(request);
    const known = this.#plans.get(key);
    this.#asked += 1;
    if (known?.catchUp()) return known;
    this.#made += 1;
    const plan = new Plan(this.#fleet, request, this.#profile);
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    this.#forgetOldest();
    return plan;
  }

  #forgetOldest(): void {
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > MOST && oldest !== undefined) this.#plans.delete(oldest);
  }
}
