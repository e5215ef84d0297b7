const LENGTH = 4096;

/**
 * The last few thousand changes of the fleet: change number n was of host journal[n % LENGTH]. Who remembers the
 * number it last saw learns which hosts changed since, without comparing any.
 */
export class Journal {
  readonly #hosts = new Int32Array(LENGTH);
  readonly #claims = new Uint8Array(LENGTH);
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  /** Notes a change of a host and returns its number. `claim`: nothing else than a claim made or dropped. */
  note(host: number, claim = false): number {
    this.#generation += 1;
    this.#hosts[this.#generation % LENGTH] = host;
    this.#claims[this.#generation % LENGTH] = claim ? 1 : 0;
    return this.#generation;
  }

  /** False when so much changed since that looking at every host is the better way. */
  reachesBackTo(generation: number): boolean {
    return this.#generation - generation < LENGTH;
  }

  /** True when the change, which must be within reach, was a claim made or dropped. */
  isClaim(generation: number): boolean {
    return this.#claims[generation % LENGTH] === 1;
  }

  /** The host of one change, which must be within reach. */
  hostOf(generation: number): number {
    return this.#hosts[generation % LENGTH] ?? 0;
  }
}
