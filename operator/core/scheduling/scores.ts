import { Best } from './best.ts';
import type { WeighedHost } from './decision.ts';
import type { Fleet } from './fleet.ts';
import { Measure } from './measure.ts';
import type { Profile, ProfileWeigher } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';

/** The weighing of one kind of request: raw figures are kept, weights follow from all hosts that are left. */
export class Scores {
  readonly #fleet: Fleet;
  readonly #measures: readonly Measure[];
  readonly #weights: Float64Array;
  readonly #one = new Int32Array(1);
  /** False when the last `best` had one host only: Nova weighs nothing then. */
  #weighed = false;

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile) {
    this.#fleet = fleet;
    this.#measures = profile.weighers.flatMap((entry) => prepare(entry, fleet, request) ?? []);
    this.#weights = new Float64Array(fleet.capacity);
  }

  measure(hosts: Int32Array): void {
    for (const measure of this.#measures) measure.take(hosts);
  }

  measureHost(host: number): void {
    this.#one[0] = host;
    this.measure(this.#one);
  }

  /** The best hosts of those left, which must be measured; of equal weights, the first in `hosts`. */
  best(hosts: Int32Array, count: number): Best {
    this.#weigh(hosts);
    const best = new Best(Math.min(count, hosts.length));
    const weights = this.#weights;
    for (let i = 0; i < hosts.length; i += 1) {
      const host = hosts[i] ?? 0;
      best.offer(host, weights[host] ?? 0);
    }
    return best;
  }

  /** A host's weight and what it is made of, as of the last `best`. */
  explain(host: number): WeighedHost {
    const figures = this.#weighed ? this.#measures.map((measure) => measure.figure(host)) : [];
    return { host: this.#fleet.nameOf(host), weight: this.#weights[host] ?? 0, figures };
  }

  #weigh(hosts: Int32Array): void {
    const weights = this.#weights;
    weights.fill(0);
    this.#weighed = hosts.length > 1;
    if (this.#weighed) for (const measure of this.#measures) measure.addTo(weights, hosts);
  }
}

function prepare(entry: ProfileWeigher, fleet: Fleet, request: RequestSpec): Measure | undefined {
  const { weigher, multiplier, args } = entry;
  const prepared = weigher.prepare(request, fleet, { ...weigher.defaults, ...args });
  return prepared === 'skip'
    ? undefined
    : new Measure(fleet, weigher, prepared, multiplier ?? weigher.multiplier);
}
