import { expect, test } from 'vitest';
import { host, inventory } from '../testing/hosts.ts';
import { weigh, weights } from '../testing/weigh.ts';
import { cpuWeigher } from './cpu.ts';

/** Figures of Nova 34.0.0's CPUWeigher, as its own code gave them. */
const NOVA_FREE = [2, 8, 14, 5];
const novaHosts = NOVA_FREE.map((free, i) =>
  host(`host${i + 1}`, { vcpus: inventory(16, { used: 16 - free }) }),
);

test.each([
  {
    multiplier: 1,
    best: ['host3 1', 'host2 0.5714285714285714', 'host4 0.35714285714285715', 'host1 0.14285714285714285'],
  },
  {
    multiplier: -0.5,
    best: [
      'host1 -0.07142857142857142',
      'host4 -0.17857142857142858',
      'host2 -0.2857142857142857',
      'host3 -0.5',
    ],
  },
])('as Nova: multiplier $multiplier', ({ multiplier, best }) => {
  expect(weights([{ weigher: cpuWeigher, multiplier }], ...novaHosts)).toEqual(best);
});

test('the ratio makes more vcpus of a host', () => {
  const vcpus = inventory(16, { allocationRatio: 4, used: 10 });
  expect(weigh([{ weigher: cpuWeigher }], host('a', { vcpus }), host('b'))[0]?.figures[0]?.raw).toBe(54);
});

test('reserved CPUs count only when the profile says so: Nova’s do not', () => {
  const vcpus = inventory(16, { reserved: 4, used: 2, allocationRatio: 2 });
  const raw = (args?: { countReserved: boolean }) =>
    weigh([{ weigher: cpuWeigher, args }], host('a', { vcpus }), host('b'))[0]?.figures[0]?.raw;
  expect(raw()).toBe(30);
  expect(raw({ countReserved: true })).toBe(22);
});

test('a dedicated CPU is taken off before the ratio', () => {
  const shared = host('shared', { vcpus: inventory(8, { allocationRatio: 4, used: 8 }) });
  const dedicated = host('dedicated', { vcpus: inventory(8, { allocationRatio: 4 }), dedicatedCpus: 4 });
  expect(weights([{ weigher: cpuWeigher, multiplier: 1 }], shared, dedicated)).toEqual([
    'shared 1',
    `dedicated ${16 / 24}`,
  ]);
});
