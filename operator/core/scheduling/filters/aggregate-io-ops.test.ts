import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { aggregateIoOpsFilter as filter } from './aggregate-io-ops.ts';

const limited = (count: number, ...limits: string[]) =>
  host('a', {
    numIoOps: count,
    aggregates: limits.map((limit) => ({ name: limit, metadata: { max_io_ops_per_host: limit } })),
  });

test.each([
  [limited(7), 'passes'],
  [limited(8), 'TooManyIoOpsForAggregate'],
  [limited(4, '5'), 'passes'],
  [limited(5, '5'), 'TooManyIoOpsForAggregate'],
  [limited(9, '10'), 'passes'],
  [limited(10, '10'), 'TooManyIoOpsForAggregate'],
  [limited(6, '10', '6'), 'TooManyIoOpsForAggregate'],
  [limited(7, '3', 'lots'), 'passes'],
  [limited(8, 'lots'), 'TooManyIoOpsForAggregate'],
  [limited(0, '0'), 'TooManyIoOpsForAggregate'],
])('case %#', (state, answer) => {
  expect(judge(filter, asking(), state)).toEqual([answer]);
});

test('null leaves the aggregates’ limits', () => {
  const unlimited = { ...filter, defaults: { maxIoOpsPerHost: null } };
  expect(judge(unlimited, asking(), limited(1000))).toEqual(['passes']);
  expect(judge(unlimited, asking(), limited(5, '5'))).toEqual(['TooManyIoOpsForAggregate']);
});

test('the detail is how many of how many', () => {
  expect(preparedFor(filter, asking(), limited(6, '5')).detail?.(0)).toBe('6 of 5');
});
