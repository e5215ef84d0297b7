import type { Best } from './best.ts';
import { chooseAmong, neededBest } from './choice.ts';
import type { Decision } from './decision.ts';
import type { Fleet } from './fleet.ts';
import { nearestMisses } from './nearest-miss.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { Scores } from './scores.ts';
import { Sieve } from './sieve.ts';

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
      this.#scores.moved(host);
    }
    this.#generation = journal.generation;
    return true;
  }

  /** The answer for the fleet as the plan last saw it. `draw` is the request's chance, in [0, 1). */
  decide(draw: number): Decision {
    const considered = {
      profile: this.#profile.name,
      hostsConsidered: this.#fleet.size,
      filters: this.#sieve.counts(),
    };
    const { hostsLeft } = this.#sieve;
    if (hostsLeft === 0) {
      return { kind: 'noValidHost', ...considered, nearestMisses: nearestMisses(this.#fleet, this.#sieve) };
    }
    return { kind: 'placed', ...considered, hostsLeft, ...this.#choose(hostsLeft, draw) };
  }

  #choose(hostsLeft: number, draw: number) {
    const { alternates, explainedHosts } = this.#profile;
    const needed = neededBest(this.#profile, hostsLeft);
    const best = this.#scores.best(hostsLeft, needed, () => this.#sieve.hosts());
    const place = chooseAmong(this.#profile, hostsLeft, tied(best), draw);
    const names = this.#names(best, Math.max(place, alternates) + 1);
    return {
      host: names[place] ?? '',
      alternates: names.filter((_, i) => i !== place).slice(0, alternates),
      best: Array.from(best.hosts.subarray(0, Math.min(best.count, explainedHosts)), (host) =>
        this.#scores.explain(host),
      ),
    };
  }

  #names(best: Best, count: number): string[] {
    return Array.from(best.hosts.subarray(0, Math.min(best.count, count)), (host) =>
      this.#fleet.nameOf(host),
    );
  }
}

/** How many share the best weight. */
function tied(best: Best): number {
  let count = 1;
  while (count < best.count && best.scores[count] === best.scores[0]) count += 1;
  return count;
}
