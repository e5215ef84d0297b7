import type { AggregateState } from '../host-state.ts';
import { strip } from '../python-text.ts';

const NONE: ReadonlyMap<string, ReadonlySet<string>> = new Map();

/** All metadata of a host's aggregates by key, as Nova's filters read it: comma lists taken apart, aggregates joined. */
export function aggregateTexts(
  aggregates: readonly AggregateState[] = [],
): ReadonlyMap<string, ReadonlySet<string>> {
  if (aggregates.length === 0) return NONE;
  const texts = new Map<string, Set<string>>();
  for (const { metadata } of aggregates)
    for (const [key, list] of Object.entries(metadata)) {
      const known = texts.get(key) ?? new Set();
      texts.set(key, known);
      for (const text of list.split(',')) known.add(strip(text));
    }
  return texts;
}
