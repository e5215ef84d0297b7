import type { Best } from './best.ts';
import { chooseAmong, neededBest } from './choice.ts';
import type { Decision, Placed } from './decision.ts';
import type { Fleet } from './fleet.ts';
import { nearestMisses } from './nearest-miss.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { Scores } from './scores.ts';
import { filterCounts, Sieve, type Step } from './sieve.ts';
import { TiedHosts } from './tied-hosts.ts';

/**
 * Everything worked out for one kind of request: who passes, and the raw figures. It can be kept for the next like
 * request: `catchUp` looks again at the hosts that changed, and at no other.
 */
export class Plan {
  readonly #fleet: Fleet;
  readonly #profile: Profile;
  readonly #sieve: Sieve;
  readonly #scores: Scores;
  readonly #epoch: number;
  #generation: number;

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile) {
    this.#fleet = fleet;
    this.#profile = profile;
    this.#sieve = new Sieve(fleet, request, profile);
    this.#scores = new Scores(fleet, request, profile);
    for (const host of this.#sieve.hosts()) this.#scores.measure(host);
    this.#epoch = fleet.epoch;
    this.#generation = fleet.generation;
  }

  /** Takes over what changed in the fleet since. False when that is too much: make a new plan. */
  catchUp(): boolean {
    const { epoch, journal } = this.#fleet;
    if (epoch !== this.#epoch || !journal.reachesBackTo(this.#generation)) return false;
    this.#scores.rank(this.#sieve.verdicts);
    for (let change = this.#generation + 1; change <= journal.generation; change += 1) {
      const host = journal.hostOf(change);
      this.#sieve.judgeAgain(host);
      this.#scores.measure(host);
    }
    this.#generation = journal.generation;
    return true;
  }

  /** The answer for the fleet as the plan last saw it. `draw` is the request's chance, in [0, 1). */
  decide(draw: number): Decision {
    const { steps, counts, hostsLeft } = this.#sieve;
    if (hostsLeft === 0) {
      const misses = nearestMisses(this.#fleet, this.#sieve);
      return { kind: 'noValidHost', ...this.#considered(steps, counts), nearestMisses: misses };
    }
    return this.#placed(draw, steps, counts, this.#best());
  }

  /**
   * The answer to a request with ties, by a plan that was made for one without: only the hosts concerned are looked at
   * again. Undefined when none is left: a plan of its own can say what is the nearest miss.
   */
  decideTied(request: RequestSpec): Placed | undefined {
    const tied = new TiedHosts(this.#fleet, request, this.#profile, this.#sieve, this.#scores);
    const draw = request.draw ?? 0;
    if (tied.confined) {
      const { counts, hosts } = tied.confine();
      if (hosts.length === 0) return undefined;
      const best = this.#scores.bestOf(hosts, neededBest(this.#profile, hosts.length));
      const decision = this.#placed(draw, tied.steps, counts, best);
      tied.undo();
      return decision;
    }
    tied.apply();
    const decision =
      this.#sieve.hostsLeft > 0
        ? this.#placed(draw, tied.steps, this.#sieve.counts, this.#best())
        : undefined;
    tied.undo();
    return decision;
  }

  #considered(steps: readonly Step[], counts: Uint32Array) {
    const hostsConsidered = this.#fleet.size;
    return {
      profile: this.#profile.name,
      hostsConsidered,
      filters: filterCounts(steps, counts, hostsConsidered),
    };
  }

  #best(): Best {
    const { hostsLeft } = this.#sieve;
    const needed = neededBest(this.#profile, hostsLeft);
    return this.#scores.best(hostsLeft, needed, () => this.#sieve.hosts());
  }

  #placed(draw: number, steps: readonly Step[], counts: Uint32Array, best: Best): Placed {
    const { alternates, explainedHosts } = this.#profile;
    const hostsLeft = counts[0] ?? 0;
    const place = chooseAmong(this.#profile, hostsLeft, tiedBest(best), draw);
    const names = this.#names(best, Math.max(place, alternates) + 1);
    return {
      kind: 'placed',
      ...this.#considered(steps, counts),
      hostsLeft,
      host: names[place] ?? '',
      alternates: names.toSpliced(place, 1).slice(0, alternates),
      best: Array.from(best.hosts.subarray(0, Math.min(best.count, explainedHosts)), (host) =>
        this.#scores.explain(host),
      ),
    };
  }

  #names(best: Best, count: number): string[] {
    const names: string[] = [];
    for (let i = 0; i < Math.min(best.count, count); i += 1)
      names.push(this.#fleet.nameOf(best.hosts[i] ?? 0));
    return names;
  }
}

/** How many share the best weight. */
function tiedBest(best: Best): number {
  let count = 1;
  while (count < best.count && best.scores[count] === best.scores[0]) count += 1;
  return count;
}
