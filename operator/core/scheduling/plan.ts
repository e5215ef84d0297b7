import type { Best } from './best.ts';
import { chooseAmong, neededBest } from './choice.ts';
import type { Decision, FilterCount, Placed, WeighedHost } from './decision.ts';
import { Figures } from './figures.ts';
import type { Fleet } from './fleet.ts';
import { nearestMisses } from './nearest-miss.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { Scores } from './scores.ts';
import { filterCounts, Sieve } from './sieve.ts';
import { TiedHosts } from './tied-hosts.ts';

/**
 * Everything worked out for one kind of request: who passes, and who is best. It can be kept for the next like request:
 * `catchUp` looks again at the hosts that changed, and at no other.
 */
export class Plan {
  readonly #fleet: Fleet;
  readonly #profile: Profile;
  readonly #figures: Figures;
  readonly #sieve: Sieve;
  readonly #scores: Scores;
  readonly #epoch: number;
  #generation: number;

  /** `figures` are of the fleet as it is. */
  constructor(fleet: Fleet, request: RequestSpec, profile: Profile, figures: Figures) {
    this.#fleet = fleet;
    this.#profile = profile;
    this.#figures = figures;
    this.#sieve = new Sieve(fleet, request, profile);
    this.#scores = new Scores(fleet, figures, this.#sieve.verdicts);
    this.#epoch = fleet.epoch;
    this.#generation = fleet.generation;
  }

  /** Takes over what changed in the fleet since. False when that is too much: make a new plan. */
  catchUp(): boolean {
    const { epoch, journal } = this.#fleet;
    if (epoch !== this.#epoch || !journal.reachesBackTo(this.#generation) || !this.#figures.catchUp())
      return false;
    this.#scores.keepUp();
    for (let change = this.#generation + 1; change <= journal.generation; change += 1) {
      const host = journal.hostOf(change);
      if (journal.isClaim(change)) this.#sieve.judgeClaimed(host);
      else this.#sieve.judgeAgain(host);
      this.#scores.update(host);
    }
    this.#generation = journal.generation;
    return true;
  }

  /** The answer for the fleet as the plan last saw it. `draw` is the request's chance, in [0, 1). */
  decide(draw: number): Decision {
    const { filterCounts, hostsLeft } = this.#sieve;
    if (hostsLeft > 0) return this.#placed(draw, hostsLeft, filterCounts, this.#best());
    const misses = nearestMisses(this.#fleet, this.#sieve);
    return { kind: 'noValidHost', ...this.#considered(filterCounts), nearestMisses: misses };
  }

  /**
   * The answer to a request with ties, by a plan that was made for one without: only the hosts concerned are looked at
   * again. Undefined when none is left: a plan of its own can say what is the nearest miss.
   */
  decideTied(request: RequestSpec): Placed | undefined {
    const tied = new TiedHosts(this.#fleet, request, this.#profile, {
      sieve: this.#sieve,
      figures: this.#figures,
      scores: this.#scores,
    });
    const decision = tied.confined ? this.#confined(request, tied) : this.#applied(request, tied);
    tied.undo();
    return decision;
  }

  #confined({ draw = 0 }: RequestSpec, tied: TiedHosts): Placed | undefined {
    const { counts, hosts } = tied.confine();
    const left = hosts.length;
    if (left === 0) return undefined;
    const best = this.#scores.bestOf(hosts, neededBest(this.#profile, left));
    return this.#placed(draw, left, filterCounts(tied.steps, counts, this.#fleet.size), best);
  }

  #applied({ draw = 0 }: RequestSpec, tied: TiedHosts): Placed | undefined {
    tied.apply();
    const { counts, hostsLeft } = this.#sieve;
    if (hostsLeft === 0) return undefined;
    return this.#placed(draw, hostsLeft, filterCounts(tied.steps, counts, this.#fleet.size), this.#best());
  }

  #considered(filters: readonly FilterCount[]) {
    return { profile: this.#profile.name, hostsConsidered: this.#fleet.size, filters };
  }

  #best(): Best {
    const { hostsLeft } = this.#sieve;
    const needed = neededBest(this.#profile, hostsLeft);
    return this.#scores.best(hostsLeft, needed, () => this.#sieve.hosts());
  }

  #placed(draw: number, hostsLeft: number, filters: readonly FilterCount[], best: Best): Placed {
    const { name, alternates, explainedHosts } = this.#profile;
    const place = chooseAmong(this.#profile, hostsLeft, tiedBest(best), draw);
    const host = best.hosts[place] ?? 0;
    return {
      kind: 'placed',
      profile: name,
      hostsConsidered: this.#fleet.size,
      filters,
      hostsLeft,
      host: this.#fleet.nameOf(host),
      alternates: this.#alternates(best, place, alternates),
      best: this.#explained(best, explainedHosts),
      rank: place + 1,
      ...(place >= explainedHosts && explainedHosts > 0 && { drawn: this.#scores.explain(host) }),
    };
  }

  /** The best that were not chosen, `most` of them. */
  #alternates(best: Best, chosen: number, most: number): string[] {
    const names: string[] = [];
    for (let i = 0; i < best.count && names.length < most; i += 1)
      if (i !== chosen) names.push(this.#fleet.nameOf(best.hosts[i] ?? 0));
    return names;
  }

  #explained(best: Best, most: number): WeighedHost[] {
    const explained: WeighedHost[] = [];
    for (let i = 0; i < best.count && i < most; i += 1)
      explained.push(this.#scores.explain(best.hosts[i] ?? 0));
    return explained;
  }
}

/** A plan for this request alone. */
export function freshPlan(fleet: Fleet, request: RequestSpec, profile: Profile): Plan {
  return new Plan(fleet, request, profile, new Figures(fleet, request, profile));
}

/** How many share the best weight. */
function tiedBest(best: Best): number {
  let count = 1;
  while (count < best.count && best.scores[count] === best.scores[0]) count += 1;
  return count;
}
