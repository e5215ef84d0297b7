import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { aggregateInstanceExtraSpecsFilter as filter } from './aggregate-instance-extra-specs.ts';

const flavored = (extraSpecs: Record<string, string>) => asking({ flavor: { name: 'm1.small', extraSpecs } });
const inAggregates = (...metadata: Record<string, string>[]) =>
  host('a', { aggregates: metadata.map((entry, i) => ({ name: `aggregate-${i}`, metadata: entry })) });
const scoped = (key: string, text: string) => flavored({ [`aggregate_instance_extra_specs:${key}`]: text });

test('a flavor without extra specs, or with those of other scopes alone, goes anywhere', () => {
  expect(judge(filter, asking(), inAggregates())).toBe('skip');
  expect(judge(filter, flavored({ 'hw:cpu_policy': 'dedicated' }), inAggregates())).toBe('skip');
});

test.each([
  [scoped('ssd', 'true'), [{ ssd: 'true' }], 'passes'],
  [scoped('ssd', 'true'), [{ ssd: 'false' }], 'AggregateValueMismatch'],
  [scoped('ssd', 'true'), [], 'AggregateKeyMissing'],
  [flavored({ ssd: 'true' }), [{ x: '1' }], 'AggregateKeyMissing'],
  [scoped('rack', 'r2'), [{ rack: 'r1, r2 ,r3' }], 'passes'],
  [scoped('rack', 'r1,r2'), [{ rack: 'r1,r2' }], 'AggregateValueMismatch'],
  [scoped('rack', 'r2'), [{ rack: 'r1' }, { rack: 'r2' }], 'passes'],
  [scoped('gen', '>= 5'), [{ gen: '3,7' }], 'passes'],
  [scoped('gen', '>= 5'), [{ gen: 'new' }], 'AggregateValueUnreadable'],
  [scoped('gen', '>= 5'), [{ gen: 'new,7' }], 'passes'],
  [scoped('a:b', '1'), [{ 'a:b': '1' }], 'passes'],
  [scoped('ssd', ''), [{ ssd: '' }], 'passes'],
])('case %#', (request, metadata, answer) => {
  expect(judge(filter, request, inAggregates(...metadata))).toEqual([answer]);
});

test('the detail is the key that is not met', () => {
  const request = flavored({ ssd: 'true', rack: 'r1' });
  expect(preparedFor(filter, request, inAggregates({ ssd: 'true' })).detail?.(0)).toBe('rack');
});
