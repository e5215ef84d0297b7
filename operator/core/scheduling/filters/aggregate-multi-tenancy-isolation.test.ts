import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { aggregateMultiTenancyIsolation as filter } from './aggregate-multi-tenancy-isolation.ts';

test.each<[Record<string, string>[], string]>([
  [[], 'passes'],
  [[{ filter_tenant_id: 'tenant-a' }], 'passes'],
  [[{ filter_tenant_id: 'tenant-b' }], 'OtherTenants'],
  [[{ filter_tenant_id: 'tenant-b, tenant-a' }], 'passes'],
  [[{ filter_tenant_id_x: 'tenant-b' }], 'OtherTenants'],
  [[{ filter_tenant_id: 'tenant-b' }, { filter_tenant_id2: 'tenant-a' }], 'passes'],
  [[{ filter_tenant_id: 'tenant-b' }, { x: 'y' }], 'OtherTenants'],
  [[{ filter_tenant_id: '' }], 'OtherTenants'],
  [[{ filter_tenant_id: 'Tenant-A' }], 'OtherTenants'],
  [[{ my_filter_tenant_id: 'tenant-b' }], 'passes'],
])('aggregates of %j: tenant-a %s', (metadata, answer) => {
  const aggregates = metadata.map((entry, i) => ({ name: `aggregate-${i}`, metadata: entry }));
  expect(judge(filter, asking({ namespace: 'tenant-a' }), host('a', { aggregates }))).toEqual([answer]);
});

test('who is no tenant has the hosts that are open to all', () => {
  const aggregates = [{ name: 'b', metadata: { filter_tenant_id: 'tenant-b' } }];
  expect(judge(filter, asking(), host('open'), host('kept', { aggregates }))).toEqual([
    'passes',
    'OtherTenants',
  ]);
});
