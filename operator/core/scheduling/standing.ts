import type { Best } from './best.ts';
import { mostGained } from './drift.ts';
import type { Figures } from './figures.ts';
import { type Measure, weighAll, weightOf } from './measure.ts';
import { Peaks } from './peaks.ts';

/** One weigher's scale, and what sets it: the figures of the hosts that pass. */
interface Scale {
  readonly measure: Measure;
  readonly peaks: Peaks | undefined;
  /** Of the figures' negatives. */
  readonly lows: Peaks | undefined;
  least: number;
  greatest: number;
  /** The scale that the standing's weights are on. */
  min: number;
  range: number;
}

/** When so many hosts were weighed again, as a share of all, for want of weights on the scales of now, all are. */
const SPENT = 0.125;

/**
 * Every passing host's weight, on the scales of now or of some time ago. A host that changes is weighed alone. When a
 * scale moved, which is when the host at its end did, those are weighed again that can be among the best by the weight that they
 * had, and all of them when that comes too dear. What it finds is what weighing every host finds, to the last bit (ADR 0024).
 */
export class Standing {
  /** `figures.version` that it was made at: another version needs another standing. */
  readonly version: number;
  readonly #figures: Figures;
  /** By host index: 0 for a host that passes. */
  readonly #verdicts: Uint16Array;
  readonly #scales: readonly Scale[];
  readonly #weighing: readonly Measure[];
  readonly #weights: Peaks;
  /** Blocks of weights by their bounds, the greatest first, as they were in the last search. */
  readonly #blocks: Int32Array;
  /** Hosts weighed again since all were. */
  #again = 0;

  constructor(figures: Figures, verdicts: Uint16Array) {
    this.version = figures.version;
    this.#figures = figures;
    this.#verdicts = verdicts;
    this.#weighing = figures.weighing;
    const { length } = figures.order;
    this.#scales = figures.varying.map((measure) => ({
      measure,
      peaks: measure.maxval === undefined ? new Peaks(length) : undefined,
      lows: measure.minval === undefined ? new Peaks(length) : undefined,
      least: 0,
      greatest: 0,
      min: 0,
      range: 0,
    }));
    this.#weights = new Peaks(length);
    this.#blocks = Int32Array.from(this.#weights.bounds, (_, block) => block);
    for (let slot = 0; slot < length; slot += 1) this.#note(slot, figures.order[slot] ?? 0);
    this.#rescale();
    this.#weighAll();
  }

  /** Sets the measures to the scales that its weights are on: others may have used them. */
  resume(): void {
    for (let i = 0; i < this.#scales.length; i += 1) {
      const { measure, min, range } = this.#scales[i] as Scale;
      measure.min = min;
      measure.range = range;
    }
  }

  /** Takes over a host's new figures, and whether it passes. */
  update(host: number): void {
    const slot = this.#figures.places[host] ?? 0;
    this.#note(slot, host);
    this.#weights.set(slot, this.#weightOf(host));
  }

  /** Offers `best` every host that can be among them, on the scales of the hosts that pass, which are set. */
  search(best: Best): void {
    const gained = this.#catchUp();
    this.#sortBlocks();
    for (let i = 0; i < this.#blocks.length; i += 1) {
      const block = this.#blocks[i] ?? 0;
      const first = this.#weights.start(block);
      if (!best.admits((this.#weights.bounds[block] ?? 0) + gained, first)) return;
      if (best.admits(this.#weights.settled(block) + gained, first))
        this.#offer(best, first, this.#weights.start(block + 1), gained);
    }
  }

  /** By how much a host may weigh more now than its weight here says, at most: 0 when the weights are those of now. */
  #catchUp(): number {
    if (!this.#rescale()) return 0;
    const gained = Math.max(mostGained(this.#scales), Number.MIN_VALUE);
    if (Number.isFinite(gained) && this.#again <= SPENT * this.#weights.values.length) return gained;
    this.#weighAll();
    return 0;
  }

  #offer(best: Best, first: number, end: number, gained: number): void {
    const { values } = this.#weights;
    let worst = best.worst - gained;
    for (let slot = first; slot < end; slot += 1) {
      const weight = values[slot] ?? 0;
      if (weight < worst) continue;
      const host = this.#figures.order[slot] ?? 0;
      if (this.#verdicts[host] !== 0) continue;
      best.offer(host, gained === 0 ? weight : this.#weighAgain(host), slot);
      worst = best.worst - gained;
    }
  }

  #weighAgain(host: number): number {
    this.#again += 1;
    return this.#weightOf(host);
  }

  /** Few bounds changed since: that is soon done. */
  #sortBlocks(): void {
    const { bounds } = this.#weights;
    const blocks = this.#blocks;
    for (let i = 1; i < blocks.length; i += 1) {
      const block = blocks[i] ?? 0;
      const bound = bounds[block] ?? 0;
      let place = i;
      for (; place > 0; place -= 1) {
        const other = blocks[place - 1] ?? 0;
        const otherBound = bounds[other] ?? 0;
        if (otherBound > bound || (otherBound === bound && other < block)) break;
        blocks[place] = other;
      }
      blocks[place] = block;
    }
  }

  #note(slot: number, host: number): void {
    const passes = this.#verdicts[host] === 0;
    for (let i = 0; i < this.#scales.length; i += 1) {
      const { measure, peaks, lows } = this.#scales[i] as Scale;
      const raw = measure.raws[host] ?? 0;
      peaks?.set(slot, passes ? raw : Number.NEGATIVE_INFINITY);
      lows?.set(slot, passes ? -raw : Number.NEGATIVE_INFINITY);
    }
  }

  #weightOf(host: number): number {
    if (this.#verdicts[host] !== 0) return Number.NEGATIVE_INFINITY;
    const weight = weightOf(this.#weighing, host);
    return Number.isNaN(weight) ? Number.NEGATIVE_INFINITY : weight;
  }

  /** Sets the measures to the scales of now. True when those are not what the weights are on. */
  #rescale(): boolean {
    let moved = false;
    for (let i = 0; i < this.#scales.length; i += 1) {
      const scale = this.#scales[i] as Scale;
      const { measure, peaks, lows } = scale;
      scale.least = lows === undefined ? (measure.minval ?? 0) : -lows.greatest();
      scale.greatest = peaks === undefined ? (measure.maxval ?? 0) : peaks.greatest();
      measure.scale(scale.least, scale.greatest);
      if (measure.weighs && (measure.min !== scale.min || measure.range !== scale.range)) moved = true;
    }
    return moved;
  }

  #weighAll(): void {
    this.#again = 0;
    for (const scale of this.#scales) {
      scale.min = scale.measure.min;
      scale.range = scale.measure.range;
    }
    const { values, bounds } = this.#weights;
    weighAll(this.#weighing, this.#figures.order, values);
    for (let slot = 0; slot < values.length; slot += 1) {
      const passes = this.#verdicts[this.#figures.order[slot] ?? 0] === 0;
      if (!passes || Number.isNaN(values[slot])) values[slot] = Number.NEGATIVE_INFINITY;
    }
    for (let block = 0; block < bounds.length; block += 1) this.#weights.settle(block);
  }
}
