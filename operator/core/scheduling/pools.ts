/** So many of each, by resource name. */
export type Counts = Readonly<Record<string, number>>;

/** What a host has of one kind of thing that is given out whole. */
export interface Pool {
  /** For Instances: what other pods hold is taken off. */
  readonly total: number;
  /** Held by claims. */
  readonly used: number;
}

export function addCounts(a: Counts | undefined, b: Counts | undefined): Counts | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const sum = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries(sum);
}

/** The larger of both, each by itself. */
export function largestCounts(a: Counts | undefined, b: Counts | undefined): Counts | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const larger = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) larger.set(name, Math.max(larger.get(name) ?? 0, count));
  return Object.fromEntries(larger);
}

/** At least so many of each. */
export function coversCounts(held: Counts = {}, asked: Counts = {}): boolean {
  return Object.entries(asked).every(([name, count]) => (held[name] ?? 0) >= count);
}

export function sameCounts(a: Counts = {}, b: Counts = {}): boolean {
  const names = [...Object.keys(a), ...Object.keys(b)];
  return names.every((name) => (a[name] ?? 0) === (b[name] ?? 0));
}

/**
 * What hosts give out whole, by host index and resource name: devices, huge pages. Few hosts have any, so there is no array for
 * each name; a host that has none, and a claim that asks for none, cost nothing.
 */
export class Pools {
  readonly #hosts: (Map<string, { total: number; used: number }> | undefined)[] = [];

  write(host: number, pools: Readonly<Record<string, Pool>> | undefined): void {
    this.#hosts[host] =
      pools && new Map(Object.entries(pools).map(([name, { total, used }]) => [name, { total, used }]));
  }

  read(host: number): Record<string, Pool> | undefined {
    const pools = this.#hosts[host];
    return pools && Object.fromEntries([...pools].map(([name, pool]) => [name, { ...pool }]));
  }

  /** Takes so many of each, or gives them back. A host that does not have such a thing is not made to have it. */
  take(host: number, counts: Counts | undefined, sign: 1 | -1): void {
    if (counts === undefined) return;
    for (const [name, count] of Object.entries(counts)) {
      const pool = this.#hosts[host]?.get(name);
      if (pool) pool.used += sign * count;
    }
  }

  has(host: number, name: string): boolean {
    return this.#hosts[host]?.has(name) ?? false;
  }

  free(host: number, name: string): number {
    const pool = this.#hosts[host]?.get(name);
    return pool ? pool.total - pool.used : 0;
  }

  /** Of all kinds together. */
  freeInAll(host: number): number {
    let free = 0;
    const pools = this.#hosts[host];
    if (pools) for (const { total, used } of pools.values()) free += total - used;
    return free;
  }
}
