import { aggregateValues, type ColumnKind, type NumberColumn, numberColumn } from '../columns.ts';
import { parseFloating } from '../python-text.ts';

/**
 * A weigher's multiplier as the host's aggregates set it under Nova's key (`ram_weight_multiplier`): the least of
 * their values. NaN, so that the profile's multiplier holds, where no aggregate has one or any is not a number.
 * `sign`: -1 for a weigher that is `negated`.
 */
export function aggregateMultiplier(key: string, sign: 1 | -1 = 1): ColumnKind<NumberColumn> {
  return numberColumn(({ aggregates }) => sign * leastNumber(aggregateValues(aggregates, key)));
}

function leastNumber(values: readonly string[]): number {
  return values.length === 0
    ? Number.NaN
    : Math.min(...values.map((value) => parseFloating(value) ?? Number.NaN));
}
