import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { weights } from '../testing/weigh.ts';
import { numInstancesWeigher } from './num-instances.ts';

const having = (...counts: number[]) =>
  counts.map((numInstances, i) => host(`host${i + 1}`, { numInstances }));

test('as Nova: a negative multiplier spreads', () => {
  expect(weights([{ weigher: numInstancesWeigher, multiplier: -0.5 }], ...having(0, 3, 8, 5))).toEqual([
    'host1 0',
    'host2 -0.1875',
    'host4 -0.3125',
    'host3 -0.5',
  ]);
});

test('the scale starts at the least: equal hosts weigh nothing', () => {
  expect(weights([{ weigher: numInstancesWeigher, multiplier: 1 }], ...having(3, 3))).toEqual([
    'host1 0',
    'host2 0',
  ]);
});
