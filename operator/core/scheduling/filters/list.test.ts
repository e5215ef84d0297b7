import { expect, test } from 'vitest';
import { FILTERS } from './list.ts';

test('no two filters have one name, and no filter has more reasons than can be counted', () => {
  expect(new Set(FILTERS.map(({ name }) => name)).size).toBe(FILTERS.length);
  expect(FILTERS.filter(({ reasons }) => reasons.length === 0 || reasons.length > 31)).toEqual([]);
});

test('every reason is CamelCase and belongs to one filter', () => {
  const codes = FILTERS.flatMap(({ reasons }) => reasons.map(({ code }) => code));
  expect(codes.filter((code) => !/^([A-Z][a-z]+)+$/.test(code))).toEqual([]);
  expect(new Set(codes).size).toBe(codes.length);
});
