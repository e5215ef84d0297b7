import type { Counts, Pools } from '../pools.ts';
import type { Shortfall } from './filter.ts';

/** What a request asks of the hosts' pools. It is asked about each host. */
export class PoolAsk {
  readonly #pools: Pools;
  readonly #names: readonly string[];
  readonly #counts: readonly number[];

  constructor(pools: Pools, counts: Counts | undefined) {
    const asked = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
    this.#pools = pools;
    this.#names = asked.map(([name]) => name);
    this.#counts = asked.map(([, count]) => count);
  }

  get asksForNothing(): boolean {
    return this.#names.length === 0;
  }

  /** The first that the host does not have at all. */
  lacking(host: number): string | undefined {
    for (let i = 0; i < this.#names.length; i += 1) {
      const name = this.#names[i] as string;
      if (!this.#pools.has(host, name)) return name;
    }
    return undefined;
  }

  fits(host: number): boolean {
    for (let i = 0; i < this.#names.length; i += 1) if (this.#missing(host, i) > 0) return false;
    return true;
  }

  /** What is missing, as shares of what is asked. */
  distance(host: number): number {
    let sum = 0;
    for (let i = 0; i < this.#names.length; i += 1) sum += this.#missing(host, i) / (this.#counts[i] ?? 1);
    return sum;
  }

  shortfalls(host: number, unit: Shortfall['unit']): Shortfall[] {
    return this.#names.flatMap((resource, i) => {
      const missing = this.#missing(host, i);
      return missing > 0 ? [{ resource, missing, unit }] : [];
    });
  }

  /** How many like requests fit, one after the other. */
  room(host: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#names.length; i += 1) {
      const free = this.#pools.free(host, this.#names[i] as string);
      least = Math.min(least, Math.floor(free / (this.#counts[i] ?? 1)));
    }
    return Math.max(0, least);
  }

  #missing(host: number, i: number): number {
    return Math.max(0, (this.#counts[i] ?? 0) - this.#pools.free(host, this.#names[i] as string));
  }
}
