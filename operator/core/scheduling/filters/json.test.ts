import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { jsonFilter } from './json.ts';

const says = (query: string) =>
  judge(
    jsonFilter,
    asking({ query }),
    host('a', { numInstances: 2 }),
    host('b', { facts: { hypervisor_type: 'xen' } }),
  );

test('hosts of which the query does not hold are turned away', () => {
  expect(says('["in", "$host", "a", "c"]')).toEqual(['passes', 'QueryFails']);
  expect(says('["=", "$hypervisor_type", "xen"]')).toEqual(['QueryFails', 'passes']);
  expect(says('[">=", "$free_ram_mb", 16384]')).toEqual(['passes', 'passes']);
});

test('a query that cannot be read turns every host away', () => {
  expect(says('{bad')).toEqual(['QueryMalformed', 'QueryMalformed']);
});

test('without a query it has nothing to say', () => {
  expect(judge(jsonFilter, asking(), host('a'))).toBe('skip');
  expect(says('')).toBe('skip');
});
