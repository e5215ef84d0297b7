import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { aggregateNumInstancesFilter as filter } from './aggregate-num-instances.ts';

const limited = (count: number, ...limits: string[]) =>
  host('a', {
    numInstances: count,
    aggregates: limits.map((limit) => ({ name: limit, metadata: { max_instances_per_host: limit } })),
  });

test.each([
  [limited(49), 'passes'],
  [limited(50), 'TooManyInstancesForAggregate'],
  [limited(4, '5'), 'passes'],
  [limited(5, '5'), 'TooManyInstancesForAggregate'],
  [limited(51, '52'), 'passes'],
  [limited(52, '52'), 'TooManyInstancesForAggregate'],
  [limited(6, '10', '6'), 'TooManyInstancesForAggregate'],
  [limited(49, '3', 'lots'), 'passes'],
  [limited(50, 'lots'), 'TooManyInstancesForAggregate'],
  [limited(0, '0'), 'TooManyInstancesForAggregate'],
])('case %#', (state, answer) => {
  expect(judge(filter, asking(), state)).toEqual([answer]);
});

test('null leaves the aggregates’ limits', () => {
  const unlimited = { ...filter, defaults: { maxInstancesPerHost: null } };
  expect(judge(unlimited, asking(), limited(1000))).toEqual(['passes']);
  expect(judge(unlimited, asking(), limited(5, '5'))).toEqual(['TooManyInstancesForAggregate']);
});

test('the detail is how many of how many', () => {
  expect(preparedFor(filter, asking(), limited(6, '5')).detail?.(0)).toBe('6 of 5');
});
