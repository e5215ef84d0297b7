import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { aggregateTypeAffinityFilter as filter } from './aggregate-type-affinity.ts';

test.each<[Record<string, string>[], string]>([
  [[], 'passes'],
  [[{ x: 'y' }], 'passes'],
  [[{ instance_type: 'm1.small' }], 'passes'],
  [[{ instance_type: 'm1.large, m1.small' }], 'passes'],
  [[{ instance_type: 'm1.large' }, { instance_type: 'm1.small' }], 'passes'],
  [[{ instance_type: 'm1.large' }, { x: 'y' }], 'OtherFlavors'],
  [[{ instance_type: '' }], 'OtherFlavors'],
  [[{ instance_type: 'm1' }], 'OtherFlavors'],
])('aggregates of %j: m1.small %s', (metadata, answer) => {
  const aggregates = metadata.map((entry, i) => ({ name: `aggregate-${i}`, metadata: entry }));
  const request = asking({ flavor: { name: 'm1.small', extraSpecs: {} } });
  expect(judge(filter, request, host('a', { aggregates }))).toEqual([answer]);
});

test('a request of no flavor goes anywhere', () => {
  expect(judge(filter, asking(), host('a'))).toBe('skip');
});
