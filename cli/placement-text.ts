import type { FilterResult, Placement, WeigherResult } from '#api/placement.ts';
import { table } from './output.ts';

/** A decision in words and two tables: what the filters left, and what the weighers gave the chosen node. */
export function placementText(placement: Placement): string {
  const { nodeName, hosts = 0, filters = [], weighers = [], excluded = [], alternates = 0 } = placement;
  const left = filters.at(-1)?.passed ?? hosts;
  const headline = nodeName
    ? `${nodeName} was chosen among ${left} of ${hosts} hosts that fit, with ${alternates} alternates (profile ${placement.profile}, ${placement.time}, ${placement.requestId})`
    : `no valid host: ${left} of ${hosts} hosts fit (profile ${placement.profile}, ${placement.time}, ${placement.requestId})`;
  const parts = [headline, filtersText(filters)];
  if (weighers.length > 0) parts.push(weighersText(weighers, placement.weight));
  else if (nodeName) parts.push('One host was left: nothing was weighed.');
  if (excluded.length > 0)
    parts.push(
      table(
        ['REFUSED BY', 'BECAUSE'],
        excluded.map(({ nodeName: node, message }) => [node, message]),
      ),
    );
  return parts.join('\n\n');
}

export const filtersText = (filters: readonly FilterResult[]): string =>
  table(
    ['FILTER', 'LEFT', 'TURNED AWAY'],
    filters.map(({ name, passed, rejected }) => [
      name,
      passed,
      rejected.map(({ reason, count }) => `${reason} ${count}`).join(', '),
    ]),
  );

export function weighersText(weighers: readonly WeigherResult[], weight: number | undefined): string {
  const rows = weighers.map(({ name, raw, normalised, multiplier = 1 }) => [
    name,
    figure(raw),
    figure(normalised),
    figure(multiplier),
    figure(multiplier * normalised),
  ]);
  return table(
    ['WEIGHER', 'RAW', 'NORMALISED', 'MULTIPLIER', 'ADDS'],
    [...rows, ['all', undefined, undefined, undefined, weight === undefined ? undefined : figure(weight)]],
  );
}

const figure = (value: number): string => `${Math.round(value * 1000) / 1000}`;
