import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { weights } from '../testing/weigh.ts';
import { hypervisorVersionWeigher } from './hypervisor-version.ts';

const having = (...versions: (number | undefined)[]) =>
  versions.map((hypervisorVersion, i) => host(`host${i + 1}`, { hypervisorVersion }));

test('as Nova: newer is better', () => {
  const hosts = having(4002000, 6002000, 8002000, 7000000);
  expect(weights([{ weigher: hypervisorVersionWeigher }], ...hosts)).toEqual([
    'host3 1',
    'host4 0.7495',
    'host2 0.5',
    'host1 0',
  ]);
});

test('an unknown version counts 0', () => {
  expect(weights([{ weigher: hypervisorVersionWeigher }], ...having(undefined, 6002000, 8002000))).toEqual([
    'host3 1',
    'host2 0.7500624843789053',
    'host1 0',
  ]);
});
