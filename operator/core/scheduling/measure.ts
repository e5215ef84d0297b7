import type { NumberColumn } from './columns.ts';
import type { WeigherFigure } from './decision.ts';
import type { Fleet } from './fleet.ts';
import type { PreparedWeigher, Weigher } from './weighers/weigher.ts';

/** One weigher at work on one kind of request: it keeps the figures of every host that was measured. */
export class Measure {
  readonly #name: string;
  readonly #prepared: PreparedWeigher;
  readonly #multiplier: number;
  readonly #overrides: NumberColumn;
  readonly #raws: Float64Array;
  readonly #multipliers: Float64Array;
  /** The normalised scale, as of the last `addTo`. With a range of 0 all hosts are equal: Nova's 0 for each. */
  #min = 0;
  #range = 0;

  constructor(fleet: Fleet, weigher: Weigher, prepared: PreparedWeigher, multiplier: number) {
    this.#name = weigher.name;
    this.#prepared = prepared;
    this.#multiplier = multiplier;
    this.#overrides = fleet.column(weigher.multipliers);
    this.#raws = new Float64Array(fleet.capacity);
    this.#multipliers = new Float64Array(fleet.capacity);
  }

  /** Takes these hosts' raw figures, cut to Nova's minval and maxval, and their multipliers. */
  take(hosts: Int32Array): void {
    const prepared = this.#prepared;
    const raws = this.#raws;
    const { minval = Number.NEGATIVE_INFINITY, maxval = Number.POSITIVE_INFINITY } = prepared;
    for (let i = 0; i < hosts.length; i += 1) {
      const host = hosts[i] ?? 0;
      raws[host] = Math.min(Math.max(prepared.raw(host), minval), maxval);
    }
    this.#takeMultipliers(hosts);
  }

  /** Adds `multiplier * normalised` to the weight of each of these hosts, which alone make the scale. */
  addTo(weights: Float64Array, hosts: Int32Array): void {
    this.#rescale(hosts);
    if (this.#range === 0) return;
    const [min, range, raws, multipliers] = [this.#min, this.#range, this.#raws, this.#multipliers];
    for (let i = 0; i < hosts.length; i += 1) {
      const host = hosts[i] ?? 0;
      const normalised = ((raws[host] ?? 0) - min) / range;
      weights[host] = (weights[host] ?? 0) + (multipliers[host] ?? 0) * normalised;
    }
  }

  /** A host's figures, as of the last `addTo`. */
  figure(host: number): WeigherFigure {
    const raw = this.#raws[host] ?? 0;
    const normalised = this.#range === 0 ? 0 : (raw - this.#min) / this.#range;
    return { weigher: this.#name, raw, normalised, multiplier: this.#multipliers[host] ?? 0 };
  }

  #takeMultipliers(hosts: Int32Array): void {
    const overrides = this.#overrides.values;
    const multipliers = this.#multipliers;
    for (let i = 0; i < hosts.length; i += 1) {
      const host = hosts[i] ?? 0;
      const override = overrides[host] ?? Number.NaN;
      multipliers[host] = Number.isNaN(override) ? this.#multiplier : override;
    }
  }

  /** Nova's normalize(): from minval, else the least raw, to maxval, else the greatest. */
  #rescale(hosts: Int32Array): void {
    const raws = this.#raws;
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < hosts.length; i += 1) {
      const raw = raws[hosts[i] ?? 0] ?? 0;
      if (raw < least) least = raw;
      if (raw > greatest) greatest = raw;
    }
    this.#min = this.#prepared.minval ?? least;
    this.#range = (this.#prepared.maxval ?? greatest) - this.#min;
  }
}
