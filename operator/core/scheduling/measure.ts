import type { NumberColumn } from './columns.ts';
import type { WeigherFigure } from './decision.ts';
import type { Fleet } from './fleet.ts';
import type { PreparedWeigher, Weigher } from './weighers/weigher.ts';

/** One weigher at work on one kind of request: it keeps the figures of every host that was measured. */
export class Measure {
  readonly weigher: Weigher;
  /** By host index: raw figures, cut to Nova's minval and maxval, and multipliers. */
  readonly raws: Float64Array;
  readonly multipliers: Float64Array;
  /** No host's multiplier was ever below or above. */
  leastMultiplier = Number.POSITIVE_INFINITY;
  greatestMultiplier = Number.NEGATIVE_INFINITY;
  /** False once a figure was not a finite number. */
  finite = true;
  /** Nova's minval and maxval: the ends of the scale, where the weigher sets them. */
  readonly minval: number | undefined;
  readonly maxval: number | undefined;
  /** False while every host's normalised figure is 0, whichever of them pass. Never false again. */
  varies: boolean;
  /** False while every host's multiplier is 0. Never false again. */
  weighs = false;
  /** The normalised scale. With a range of 0 all hosts are equal: Nova's 0 for each. */
  min = 0;
  range = 0;
  #first: number | undefined;
  #told: WeigherFigure | undefined;
  readonly #prepared: PreparedWeigher;
  readonly #multiplier: number;
  readonly #overrides: NumberColumn;

  constructor(fleet: Fleet, weigher: Weigher, prepared: PreparedWeigher, multiplier: number) {
    this.weigher = weigher;
    this.#prepared = prepared;
    this.minval = prepared.minval;
    this.maxval = prepared.maxval;
    this.varies = this.minval !== undefined || this.maxval !== undefined;
    this.#multiplier = multiplier;
    this.#overrides = fleet.column(weigher.multipliers);
    this.raws = new Float64Array(fleet.capacity);
    this.multipliers = new Float64Array(fleet.capacity);
  }

  /** Takes a host's figures; `prepared` for another request than the one that this was made for. */
  take(host: number, prepared: PreparedWeigher = this.#prepared): void {
    const { minval = Number.NEGATIVE_INFINITY, maxval = Number.POSITIVE_INFINITY } = prepared;
    const raw = Math.min(Math.max(prepared.raw(host), minval), maxval);
    this.raws[host] = raw;
    this.#first ??= raw;
    if (!Number.isFinite(raw)) this.finite = false;
    if (raw !== this.#first) this.varies = true;
    const override = this.#overrides.values[host] ?? Number.NaN;
    const multiplier = Number.isNaN(override) ? this.#multiplier : override;
    this.multipliers[host] = multiplier;
    if (multiplier !== 0) this.weighs = true;
    if (multiplier < this.leastMultiplier) this.leastMultiplier = multiplier;
    if (multiplier > this.greatestMultiplier) this.greatestMultiplier = multiplier;
  }

  /** As `take` for each of these hosts: a measure at a time is quicker than a host at a time. */
  takeAll(hosts: Int32Array): void {
    for (let i = 0; i < hosts.length; i += 1) this.take(hosts[i] ?? 0);
  }

  /** Sets Nova's scale: from minval, else the least raw figure, to maxval, else the greatest. */
  scale(least: number, greatest: number): void {
    this.min = this.minval ?? least;
    this.range = (this.maxval ?? greatest) - this.min;
  }

  /** Weighs every host 0, as Nova does when one is left. */
  flatten(): void {
    this.range = 0;
  }

  /** A host's figures on the scale that is set; those of the host before, where they are the same. */
  figure(host: number): WeigherFigure {
    const raw = this.raws[host] ?? 0;
    const normalised = this.range === 0 ? 0 : (raw - this.min) / this.range;
    const multiplier = this.multipliers[host] ?? 0;
    const told = this.#told;
    if (told?.raw === raw && told.normalised === normalised && told.multiplier === multiplier) return told;
    this.#told = { weigher: this.weigher.name, raw, normalised, multiplier };
    return this.#told;
  }
}

/** The host's weight on the scales that are set: `multiplier * normalised`, summed in the order of the weighers. */
export function weightOf(measures: readonly Measure[], host: number): number {
  let weight = 0;
  for (let i = 0; i < measures.length; i += 1) {
    const { raws, multipliers, min, range } = measures[i] as Measure;
    if (range !== 0) weight += (multipliers[host] ?? 0) * (((raws[host] ?? 0) - min) / range);
  }
  return weight;
}

/** `weights[i]` becomes the weight of `hosts[i]`: a measure at a time, which is quicker, and adds up in the same order. */
export function weighAll(measures: readonly Measure[], hosts: Int32Array, weights: Float64Array): void {
  weights.fill(0);
  for (const { raws, multipliers, min, range } of measures) {
    if (range === 0) continue;
    for (let i = 0; i < hosts.length; i += 1) {
      const host = hosts[i] ?? 0;
      weights[i] = (weights[i] ?? 0) + (multipliers[host] ?? 0) * (((raws[host] ?? 0) - min) / range);
    }
  }
}
