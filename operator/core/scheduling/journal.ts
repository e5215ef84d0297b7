const LENGTH = 4096;

/**
 * The last few thousand changes of the fleet: change number n was of host journal[n % LENGTH]. Who remembers the
 * number it last saw learns which hosts changed since, without comparing any.
 */
export class Journal {
  readonly #hosts = new Int32Array(LENGTH);
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  /** Notes a change of a host and returns its number. */
  note(host: number): number {
    this.#generation += 1;
    this.#hosts[this.#generation % LENGTH] = host;
    return this.#generation;
  }

  /** False when so much changed since that looking at every host is the better way. */
  reachesBackTo(generation: number): boolean {
    return this.#generation - generation < LENGTH;
  }

  /** The host of one change, which must be within reach. */
  hostOf(generation: number): number {
    return this.#hosts[generation % LENGTH] ?? 0;
  }
}
