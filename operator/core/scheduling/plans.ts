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
  readonly #plans = new Map<string, Plan>();

  constructor(fleet: Fleet, profile: Profile) {
    this.#fleet = fleet;
    this.#profile = profile;
  }

  /** A plan for requests like this one, up to date with the fleet. */
  planFor(request: RequestSpec): Plan {
    if (request.ties !== undefined) return new Plan(this.#fleet, request, this.#profile);
    const key = likeKey(request);
    const known = this.#plans.get(key);
    if (known?.catchUp()) return known;
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
