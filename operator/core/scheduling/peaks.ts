/**
 * Many figures that change one at a time, and the greatest of them. Of each block of figures a bound is kept, which none
 * in it is above. A bound is looked at again only where it matters and the figure that set it is gone: a change costs the
 * same however many figures there are.
 */
export class Peaks {
  readonly values: Float64Array;
  /** By block. */
  readonly bounds: Float64Array;
  /** By block: where the figure was that set the bound. */
  readonly #at: Int32Array;
  /** Figures per block, as a power of two. */
  readonly #shift: number;
  /** The greatest of all, and where it was: it still is if it is still there. */
  #greatest = Number.NEGATIVE_INFINITY;
  #top = 0;

  /** Figures that were never set are below all others. There are about as many blocks as figures in one. */
  constructor(size: number) {
    this.#shift = Math.max(4, Math.round(Math.log2(size + 1) / 2));
    const blocks = Math.ceil(size / 2 ** this.#shift);
    this.values = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    this.bounds = new Float64Array(blocks).fill(Number.NEGATIVE_INFINITY);
    this.#at = Int32Array.from({ length: blocks }, (_, block) => block << this.#shift);
  }

  set(slot: number, value: number): void {
    this.values[slot] = value;
    const block = slot >>> this.#shift;
    if (!(value > (this.bounds[block] ?? 0))) return;
    this.bounds[block] = value;
    this.#at[block] = slot;
    if (value > this.#greatest) this.#lead(value, slot);
  }

  /** The greatest of all; what is not a number does not count. */
  greatest(): number {
    if (this.values[this.#top] !== this.#greatest) this.#find();
    return this.#greatest;
  }

  /** Where the block begins; block `blocks` would begin where the last one ends. */
  start(block: number): number {
    return Math.min(block << this.#shift, this.values.length);
  }

  /** Makes the block's bound its greatest figure. */
  settle(block: number): void {
    const end = this.start(block + 1);
    let greatest = Number.NEGATIVE_INFINITY;
    let at = block << this.#shift;
    for (let slot = at; slot < end; slot += 1) {
      const value = this.values[slot] ?? 0;
      if (value > greatest) {
        greatest = value;
        at = slot;
      }
    }
    this.bounds[block] = greatest;
    this.#at[block] = at;
  }

  /** The block's greatest figure, which its bound is from now on. */
  settled(block: number): number {
    if (this.values[this.#at[block] ?? 0] !== this.bounds[block]) this.settle(block);
    return this.bounds[block] ?? 0;
  }

  #find(): void {
    this.#lead(Number.NEGATIVE_INFINITY, 0);
    for (let block = 0; block < this.bounds.length; block += 1) {
      if (!((this.bounds[block] ?? 0) > this.#greatest)) continue;
      const settled = this.settled(block);
      if (settled > this.#greatest) this.#lead(settled, this.#at[block] ?? 0);
    }
  }

  #lead(value: number, slot: number): void {
    this.#greatest = value;
    this.#top = slot;
  }
}
