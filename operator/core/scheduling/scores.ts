import { Best } from './best.ts';
import type { NumberColumn } from './columns.ts';
import type { WeighedHost, WeigherFigure } from './decision.ts';
import type { Fleet } from './fleet.ts';
import type { Profile, ProfileWeigher } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import { normalise, type Scale, scaleOf } from './scales.ts';
import type { PreparedWeigher } from './weighers/weigher.ts';

/** One weigher at work: its figures by host index, current for every host that was measured. */
interface Measure {
  readonly name: string;
  readonly prepared: PreparedWeigher;
  readonly multiplier: number;
  readonly overrides: NumberColumn;
  readonly raws: Float64Array;
  readonly multipliers: Float64Array;
}

/** The weighing of one kind of request: raw figures are kept, weights follow from all hosts that are left. */
export class Scores {
  readonly #fleet: Fleet;
  readonly #measures: readonly Measure[];
  readonly #weights: Float64Array;
  #scales: readonly Scale[] = [];

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile) {
    this.#fleet = fleet;
    this.#measures = profile.weighers.flatMap((entry) => prepare(entry, fleet, request) ?? []);
    this.#weights = new Float64Array(fleet.capacity);
  }

  /** Takes a host's raw figures, cut to Nova's minval and maxval, and its multipliers. */
  measure(host: number): void {
    for (const { prepared, raws, multipliers, multiplier, overrides } of this.#measures) {
      raws[host] = cut(prepared.raw(host), prepared);
      const override = overrides.values[host] ?? Number.NaN;
      multipliers[host] = Number.isNaN(override) ? multiplier : override;
    }
  }

  /** The best hosts of those left, which must be measured; of equal weights, the first in `hosts`. */
  best(hosts: Int32Array, count: number): Best {
    this.#weigh(hosts);
    const best = new Best(Math.min(count, hosts.length));
    const weights = this.#weights;
    for (let i = 0; i < hosts.length; i += 1) best.offer(hosts[i] ?? 0, weights[hosts[i] ?? 0] ?? 0);
    return best;
  }

  /** As of the last `best`. */
  weight(host: number): number {
    return this.#weights[host] ?? 0;
  }

  /** A host's weight and what it is made of, as of the last `best`. */
  explain(host: number): WeighedHost {
    const figures = this.#scales.map((scale, i) => figure(this.#measures[i] as Measure, scale, host));
    return { host: this.#fleet.nameOf(host), weight: this.weight(host), figures };
  }

  /** Nova's get_weighed_objects: one host alone is not weighed. */
  #weigh(hosts: Int32Array): void {
    const weights = this.#weights;
    for (let i = 0; i < hosts.length; i += 1) weights[hosts[i] ?? 0] = 0;
    const measures = hosts.length > 1 ? this.#measures : [];
    this.#scales = measures.map(({ raws, prepared }) =>
      scaleOf(raws, hosts, prepared.minval, prepared.maxval),
    );
    for (const [i, measure] of measures.entries())
      addWeights(weights, hosts, measure, this.#scales[i] as Scale);
  }
}

function addWeights(
  weights: Float64Array,
  hosts: Int32Array,
  { raws, multipliers }: Measure,
  scale: Scale,
): void {
  if (scale.range === 0) return;
  const { min, range } = scale;
  for (let i = 0; i < hosts.length; i += 1) {
    const host = hosts[i] ?? 0;
    weights[host] = (weights[host] ?? 0) + (multipliers[host] ?? 0) * (((raws[host] ?? 0) - min) / range);
  }
}

function prepare(
  { weigher, multiplier, args }: ProfileWeigher,
  fleet: Fleet,
  request: RequestSpec,
): Measure | undefined {
  const prepared = weigher.prepare(request, fleet, { ...weigher.defaults, ...args });
  if (prepared === 'skip') return undefined;
  return {
    name: weigher.name,
    prepared,
    multiplier: multiplier ?? weigher.multiplier,
    overrides: fleet.column(weigher.multipliers),
    raws: new Float64Array(fleet.capacity),
    multipliers: new Float64Array(fleet.capacity),
  };
}

function cut(raw: number, { minval, maxval }: PreparedWeigher): number {
  const floored = minval !== undefined && raw < minval ? minval : raw;
  return maxval !== undefined && floored > maxval ? maxval : floored;
}

function figure({ name, raws, multipliers }: Measure, scale: Scale, host: number): WeigherFigure {
  const raw = raws[host] ?? 0;
  return { weigher: name, raw, normalised: normalise(raw, scale), multiplier: multipliers[host] ?? 0 };
}
