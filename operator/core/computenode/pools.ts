import type { Counts, Pool } from '../scheduling/pools.ts';

/** What a node gives out whole: totals beside what claims hold. Undefined when it is nothing, and nothing is held. */
export function poolsOf(
  totals: Counts | undefined,
  used: Counts | undefined,
): Record<string, Pool> | undefined {
  const names = [...new Set([...Object.keys(totals ?? {}), ...Object.keys(used ?? {})])];
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name) => [name, { total: totals?.[name] ?? 0, used: used?.[name] ?? 0 }]),
  );
}

/** The totals alone, of pools whose use is out of date. */
export function totalsOf(pools: Readonly<Record<string, Pool>> | undefined): Counts | undefined {
  return pools && Object.fromEntries(Object.entries(pools).map(([name, { total }]) => [name, total]));
}
