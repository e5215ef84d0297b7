import type { Decision } from './decision.ts';
import { Figures, figuresKey } from './figures.ts';
import type { Fleet } from './fleet.ts';
import { freshPlan, Plan } from './plan.ts';
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
  readonly #figures = new Map<string, Figures>();

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
    const plan = this.#planFor(request);
    if (request.ties === undefined) return plan.decide(request.draw ?? 0);
    return (
      plan.decideTied(request) ?? freshPlan(this.#fleet, request, this.#profile).decide(request.draw ?? 0)
    );
  }

  /** A plan for requests like this one but for its ties, up to date with the fleet. */
  #planFor(request: RequestSpec): Plan {
    const key = likeKey(request);
    const known = this.#plans.get(key);
    this.#asked += 1;
    if (known?.catchUp()) return known;
    this.#made += 1;
    const { ties, ...untied } = request;
    const plan = new Plan(this.#fleet, untied, this.#profile, this.#figuresFor(untied));
    keep(this.#plans, key, plan);
    return plan;
  }

  #figuresFor(request: RequestSpec): Figures {
    const key = figuresKey(request, this.#profile);
    const known = this.#figures.get(key);
    if (known?.catchUp()) return known;
    const figures = new Figures(this.#fleet, request, this.#profile);
    keep(this.#figures, key, figures);
    return figures;
  }
}

/** Forgets what was kept longest, when there is too much. */
function keep<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
}
