/** Keeps the k hosts of the highest scores, best first. Of equal scores the one offered first is the better. */
export class Best {
  readonly hosts: Int32Array;
  readonly scores: Float64Array;
  count = 0;

  constructor(k: number) {
    this.hosts = new Int32Array(k);
    this.scores = new Float64Array(k);
  }

  /** A score that is not a number counts as the lowest. */
  offer(host: number, score: number): void {
    const comparable = Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
    if (this.count < this.hosts.length) this.count += 1;
    else if (!(comparable > (this.scores[this.count - 1] ?? 0))) return;
    this.#insert(host, comparable);
  }

  /** The last place is free, or is given up. */
  #insert(host: number, score: number): void {
    let place = this.count - 1;
    for (; place > 0 && score > (this.scores[place - 1] ?? 0); place -= 1) {
      this.hosts[place] = this.hosts[place - 1] ?? 0;
      this.scores[place] = this.scores[place - 1] ?? 0;
    }
    this.hosts[place] = host;
    this.scores[place] = score;
  }
}
