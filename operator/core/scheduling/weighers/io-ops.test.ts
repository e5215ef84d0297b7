import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { weights } from '../testing/weigh.ts';
import { ioOpsWeigher } from './io-ops.ts';

const having = (...counts: number[]) => counts.map((numIoOps, i) => host(`host${i + 1}`, { numIoOps }));

test('as Nova: the fewer, the better', () => {
  expect(weights([{ weigher: ioOpsWeigher }], ...having(0, 3, 8, 5))).toEqual([
    'host1 0',
    'host2 -0.375',
    'host4 -0.625',
    'host3 -1',
  ]);
});

test('the scale starts at 0: hosts that are equally busy have the full weight', () => {
  expect(weights([{ weigher: ioOpsWeigher, multiplier: 1 }], ...having(3, 3))).toEqual([
    'host1 1',
    'host2 1',
  ]);
});
