/** Keeps the k hosts of the highest scores, best first. Of equal scores the lower rank is the better. */
export class Best {
  readonly hosts: Int32Array;
  readonly scores: Float64Array;
  readonly #ranks: Int32Array;
  count = 0;

  constructor(k: number) {
    this.hosts = new Int32Array(k);
    this.scores = new Float64Array(k);
    this.#ranks = new Int32Array(k);
  }

  /** Begins anew. */
  clear(): void {
    this.count = 0;
  }

  /** Nothing of a lower score can come in any more. */
  get worst(): number {
    return this.count < this.hosts.length
      ? Number.NEGATIVE_INFINITY
      : (this.scores[this.count - 1] ?? Number.POSITIVE_INFINITY);
  }

  /** A score that is not a number counts as the lowest. */
  offer(host: number, score: number, rank: number): void {
    const comparable = Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
    if (this.count < this.hosts.length) this.count += 1;
    else if (!this.#isBetter(comparable, rank, this.count - 1)) return;
    this.#insert(host, comparable, rank);
  }

  /** False when nothing of at most this score, and at least this rank, can come in any more. */
  admits(score: number, rank: number): boolean {
    if (this.count < this.hosts.length) return true;
    const last = this.count - 1;
    return !(score < (this.scores[last] ?? 0)) && (score !== this.scores[last] || rank < this.#rank(last));
  }

  #isBetter(score: number, rank: number, place: number): boolean {
    const other = this.scores[place] ?? 0;
    return score > other || (score === other && rank < this.#rank(place));
  }

  #rank(place: number): number {
    return this.#ranks[place] ?? 0;
  }

  /** The last place is free, or is given up. */
  #insert(host: number, score: number, rank: number): void {
    let place = this.count - 1;
    for (; place > 0 && this.#isBetter(score, rank, place - 1); place -= 1) {
      this.hosts[place] = this.hosts[place - 1] ?? 0;
      this.scores[place] = this.scores[place - 1] ?? 0;
      this.#ranks[place] = this.#rank(place - 1);
    }
    this.hosts[place] = host;
    this.scores[place] = score;
    this.#ranks[place] = rank;
  }
}
