import { aggregateValues, type ColumnKind, type NumberColumn, numberColumn } from '../columns.ts';
import { parseInteger } from '../python-text.ts';

/**
 * A limit as the host's aggregates set it under Nova's key (`max_io_ops_per_host`): the least of their values. NaN, so
 * that the filter's argument holds, where no aggregate has one or any is not a whole number.
 */
export function aggregateLimit(key: string): ColumnKind<NumberColumn> {
  return numberColumn(({ aggregates }) => leastInteger(aggregateValues(aggregates, key)));
}

function leastInteger(values: readonly string[]): number {
  if (values.length === 0) return Number.NaN;
  return Math.min(...values.map((value) => parseInteger(value) ?? Number.NaN));
}
