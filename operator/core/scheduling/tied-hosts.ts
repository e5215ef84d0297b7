import type { Figures, TiedMeasure } from './figures.ts';
import type { Fleet } from './fleet.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import type { Scores } from './scores.ts';
import { judge, placeOf, prepareSteps, type Sieve, type Step, verdictOf } from './sieve.ts';

/** What a plan keeps, in the state of the fleet as it is. */
interface Kept {
  readonly sieve: Sieve;
  readonly figures: Figures;
  readonly scores: Scores;
}

/**
 * The hosts that a request's ties concern, and what becomes of a plan's answer because of them. `apply` or `confine`
 * changes what the plan keeps for those hosts, `undo` puts it back.
 */
export class TiedHosts {
  /** Every step of the request, those of its ties included, in the profile's order. */
  readonly steps: readonly Step[];
  readonly #ties: readonly Step[];
  readonly #measures: readonly TiedMeasure[];
  readonly #hosts: ReadonlySet<number>;
  readonly #fleet: Fleet;
  readonly #figures: Figures;
  readonly #sieve: Sieve;
  readonly #scores: Scores;

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile, { sieve, figures, scores }: Kept) {
    this.#fleet = fleet;
    this.#figures = figures;
    this.#sieve = sieve;
    this.#scores = scores;
    this.#ties = prepareSteps(fleet, request, profile, ({ tied }) => tied === true);
    this.steps = [...sieve.steps, ...this.#ties].sort((a, b) => a.place - b.place);
    this.#measures = figures.tie(request);
    this.#hosts = new Set([
      ...this.#ties.flatMap(({ prepared }) => [...(prepared.tiedTo?.hosts ?? [])]),
      ...this.#measures.flatMap(({ prepared }) => [...(prepared.tiedTo ?? [])]),
    ]);
  }

  /** True when none but the hosts concerned can be chosen. */
  get confined(): boolean {
    return this.#confining !== undefined;
  }

  /** The filter that turns away every host that is not concerned, and passed the filters before. */
  get #confining(): Step | undefined {
    return this.#ties.find(({ prepared }) => prepared.tiedTo?.others !== 0);
  }

  /** Judges and measures the hosts concerned by the ties as well. */
  apply(): void {
    this.#scores.keepUp();
    for (const host of this.#hosts) {
      this.#sieve.judgeAgain(host, this.steps);
      this.#figures.measure(host, this.#measures);
      this.#scores.update(host);
    }
  }

  /** Those of the hosts concerned that pass, measured, in the order of their names, and the counts of all hosts. */
  confine(): { counts: Uint32Array; hosts: Int32Array } {
    const counts = this.#othersTurnedAway(this.#confining as Step);
    const passing: number[] = [];
    for (const host of this.#hosts) {
      const verdict = judge(this.steps, host);
      counts[verdict] = (counts[verdict] ?? 0) + 1;
      if (verdict !== 0) continue;
      passing.push(host);
      this.#figures.measure(host, this.#measures);
    }
    passing.sort((a, b) => (this.#fleet.nameOf(a) < this.#fleet.nameOf(b) ? -1 : 1));
    return { counts, hosts: Int32Array.from(passing) };
  }

  /** Puts back what the plan kept, on the scales that it was kept on: the search has set those of this request. */
  undo(): void {
    this.#scores.keepUp();
    for (const host of this.#hosts) {
      this.#sieve.judgeAgain(host);
      this.#figures.measure(host);
      this.#scores.update(host);
    }
  }

  /** The counts of the hosts that are not concerned: who came as far as the confining filter is turned away there. */
  #othersTurnedAway({ place, prepared }: Step): Uint32Array {
    const counts = this.#sieve.counts.slice();
    for (const host of this.#hosts) {
      const verdict = this.#sieve.verdicts[host] ?? 0;
      counts[verdict] = (counts[verdict] ?? 0) - 1;
    }
    let arrived = 0;
    for (let verdict = 0; verdict < counts.length; verdict += 1) {
      if (verdict !== 0 && placeOf(verdict) < place) continue;
      arrived += counts[verdict] ?? 0;
      counts[verdict] = 0;
    }
    counts[verdictOf(place, prepared.tiedTo?.others ?? 0)] = arrived;
    return counts;
  }
}
