import { expect, test } from 'vitest';
import { fleetOf, host } from '../testing/hosts.ts';
import { aggregateLimit } from './aggregate-limit.ts';

const kind = aggregateLimit('max_io_ops_per_host');

function limit(...values: string[]): number | undefined {
  const aggregates = values.map((value) => ({ name: 'any', metadata: { max_io_ops_per_host: value } }));
  return fleetOf([host('node-1', { aggregates })]).column(kind).values[0];
}

test('the least of the aggregates’ values, as numbers', () => {
  expect(limit('10', '9')).toBe(9);
  expect(limit(' 5 ')).toBe(5);
  expect(limit('-1')).toBe(-1);
});

test('none, when no aggregate has one or any is not a whole number', () => {
  for (const values of [[], ['lots'], ['3', 'lots'], ['3.5'], ['3,4'], ['']])
    expect(limit(...values)).toBeNaN();
});
