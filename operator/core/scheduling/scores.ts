import { Best } from './best.ts';
import type { WeighedHost } from './decision.ts';
import type { Figures } from './figures.ts';
import type { Fleet } from './fleet.ts';
import { type Measure, weighAll, weightOf } from './measure.ts';
import { Standing } from './standing.ts';

/** The weighing of one kind of request. */
export class Scores {
  readonly #fleet: Fleet;
  readonly #figures: Figures;
  /** By host index: 0 for a host that passes. */
  readonly #verdicts: Uint16Array;
  /** Made when a plan is used again: one decision alone is had sooner by looking at every host. */
  #standing: Standing | undefined;
  /** Used again, since making one costs a good part of a search. */
  #best = new Best(0);
  /** False when the last `best` had one host only: Nova weighs nothing then. */
  #weighed = false;

  constructor(fleet: Fleet, figures: Figures, verdicts: Uint16Array) {
    this.#fleet = fleet;
    this.#figures = figures;
    this.#verdicts = verdicts;
  }

  /** Makes every `best` from now on quick, or goes on with that. */
  keepUp(): void {
    if (this.#standing?.version === this.#figures.version) this.#standing.resume();
    else this.#standing = new Standing(this.#figures, this.#verdicts);
  }

  /** Takes over a host's new figures, and whether it passes. */
  update(host: number): void {
    this.#standing?.update(host);
  }

  /** The best of all hosts that pass, `left` in number, until it is asked again. `hosts` gives them where no standing is kept. */
  best(left: number, count: number, hosts: () => Int32Array): Best {
    if (!this.#standing || left === 1) return this.bestOf(hosts(), count);
    this.keepUp();
    this.#weighed = true;
    this.#standing.search(this.#emptied(Math.min(count, left)));
    return this.#best;
  }

  #emptied(k: number): Best {
    if (this.#best.hosts.length === k) this.#best.clear();
    else this.#best = new Best(k);
    return this.#best;
  }

  /** The best of these hosts, in the order of their names: of equal weights, the first. */
  bestOf(hosts: Int32Array, count: number): Best {
    const { measures } = this.#figures;
    this.#weighed = hosts.length > 1;
    for (const measure of measures) {
      if (this.#weighed) rescale(measure, hosts);
      else measure.flatten();
    }
    const weights = new Float64Array(hosts.length);
    weighAll(measures, hosts, weights);
    const best = new Best(Math.min(count, hosts.length));
    for (let i = 0; i < hosts.length; i += 1)
      if (!(best.worst > (weights[i] ?? 0))) best.offer(hosts[i] ?? 0, weights[i] ?? 0, i);
    return best;
  }

  /** A host's weight and what it is made of, as of the last `best`. */
  explain(host: number): WeighedHost {
    const { measures } = this.#figures;
    const figures = this.#weighed ? this.#figures.explain(host) : [];
    return { host: this.#fleet.nameOf(host), weight: weightOf(measures, host), figures };
  }
}

function rescale(measure: Measure, hosts: Int32Array): void {
  const { raws } = measure;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < hosts.length; i += 1) {
    const raw = raws[hosts[i] ?? 0] ?? 0;
    if (raw < least) least = raw;
    if (raw > greatest) greatest = raw;
  }
  measure.scale(least, greatest);
}
