import { expect, test } from 'vitest';
import { fleetOf, host } from '../testing/hosts.ts';
import { aggregateMultiplier } from './multiplier.ts';

const kind = aggregateMultiplier('ram_weight_multiplier');

function multiplier(...values: string[]): number | undefined {
  const aggregates = values.map((value) => ({ name: 'any', metadata: { ram_weight_multiplier: value } }));
  return fleetOf([host('node-1', { aggregates })]).column(kind).values[0];
}

test('the least of the aggregates’ values', () => {
  expect(multiplier('2', '-1.5', '3')).toBe(-1.5);
});

test('none, when no aggregate has one or any is not a number', () => {
  for (const values of [[], ['fast'], ['2', 'fast'], [''], ['1,2'], ['nan'], ['0x10']]) {
    expect(multiplier(...values)).toBeNaN();
  }
});

test('numbers as Python reads them', () => {
  expect([' 2 ', '1e3', '.5', '5.', '1_000', '-inf', '+Infinity'].map((value) => multiplier(value))).toEqual([
    2,
    1000,
    0.5,
    5,
    1000,
    -Infinity,
    Infinity,
  ]);
});
