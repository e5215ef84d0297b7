import { Best } from './best.ts';
import type { WeighedHost } from './decision.ts';
import type { Fleet } from './fleet.ts';
import { Measure, weightOf } from './measure.ts';
import type { Profile, ProfileWeigher } from './profile.ts';
import { Ranking } from './ranking.ts';
import type { RequestSpec } from './request-spec.ts';
import type { PreparedWeigher } from './weighers/weigher.ts';

/** A tied weigher's own view of one request, to be put in place of what the plan keeps. */
export interface TiedMeasure {
  readonly measure: Measure;
  readonly prepared: PreparedWeigher;
}

/** The weighing of one kind of request: raw figures are kept, weights follow from all hosts that are left. */
export class Scores {
  readonly #fleet: Fleet;
  readonly #entries: readonly ProfileWeigher[];
  readonly #measures: readonly Measure[];
  /** Made when a plan is used again: one decision alone is had sooner by looking at every host. */
  #ranking: Ranking | undefined;
  /** False when the last `best` had one host only: Nova weighs nothing then. */
  #weighed = false;

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile) {
    this.#fleet = fleet;
    this.#entries = profile.weighers;
    this.#measures = profile.weighers.flatMap((entry) => {
      const prepared = prepare(entry, fleet, request);
      const multiplier = multiplierOf(entry);
      return prepared === 'skip' ? [] : [new Measure(fleet, entry.weigher, prepared, multiplier)];
    });
  }

  /** Takes a host's figures, which must be done before it is weighed, and when it or its verdict changed. */
  measure(host: number, tied: readonly TiedMeasure[] = []): void {
    for (let i = 0; i < this.#measures.length; i += 1) {
      const measure = this.#measures[i] as Measure;
      measure.take(host, tied.find((other) => other.measure === measure)?.prepared);
    }
    this.#ranking?.update(host);
  }

  /** The tied weighers, made ready for a request that is like the one before but for its ties. */
  tie(request: RequestSpec): TiedMeasure[] {
    return this.#entries.flatMap((entry) => {
      const measure = entry.weigher.tied && this.#measures.find(({ weigher }) => weigher === entry.weigher);
      const prepared = measure && prepare(entry, this.#fleet, request);
      return measure && prepared && prepared !== 'skip' ? [{ measure, prepared }] : [];
    });
  }

  /** Makes every `best` from now on quick. `verdicts`, by host index, are 0 for hosts that pass. */
  rank(verdicts: Uint16Array): void {
    const { order, size } = this.#fleet;
    this.#ranking ??= new Ranking(this.#measures, order.subarray(0, size), verdicts);
  }

  /** The best of all hosts that pass, `left` in number. `hosts` gives them where they are not ranked. */
  best(left: number, count: number, hosts: () => Int32Array): Best {
    return this.#ranking ? this.#bestRanked(this.#ranking, left, count) : this.bestOf(hosts(), count);
  }

  /** The best of these hosts, in the order of their names: of equal weights, the first. */
  bestOf(hosts: Int32Array, count: number): Best {
    for (const measure of this.#measures) rescale(measure, hosts);
    this.#weigh(hosts.length);
    const best = new Best(Math.min(count, hosts.length));
    for (let i = 0; i < hosts.length; i += 1) {
      const host = hosts[i] ?? 0;
      best.offer(host, weightOf(this.#measures, host), i);
    }
    return best;
  }

  /** A host's weight and what it is made of, as of the last `best`. */
  explain(host: number): WeighedHost {
    const figures = this.#weighed ? this.#measures.map((measure) => measure.figure(host)) : [];
    return { host: this.#fleet.nameOf(host), weight: weightOf(this.#measures, host), figures };
  }

  #bestRanked(ranking: Ranking, left: number, count: number): Best {
    ranking.scale();
    this.#weigh(left);
    const best = new Best(Math.min(count, left));
    ranking.search(best);
    return best;
  }

  #weigh(left: number): void {
    this.#weighed = left > 1;
    if (!this.#weighed) for (const measure of this.#measures) measure.flatten();
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

function prepare(entry: ProfileWeigher, fleet: Fleet, request: RequestSpec) {
  const { weigher, args } = entry;
  return weigher.prepare(request, fleet, { ...weigher.defaults, ...args }, multiplierOf(entry));
}

function multiplierOf({ weigher, multiplier = weigher.multiplier }: ProfileWeigher): number {
  return weigher.negated ? -multiplier : multiplier;
}
