import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { weights } from '../testing/weigh.ts';
import { buildFailureWeigher } from './build-failure.ts';

const having = (failed: readonly number[], metadata: Record<string, string> = {}) =>
  failed.map((failedBuilds, i) =>
    host(`host${i + 1}`, { failedBuilds, aggregates: i === 1 ? [{ name: 'a', metadata }] : [] }),
  );

test('as Nova: a host that failed is the last to be tried', () => {
  expect(weights([{ weigher: buildFailureWeigher }], ...having([0, 1, 3, 0]))).toEqual([
    'host1 0',
    'host4 0',
    'host2 -333333.3333333333',
    'host3 -1000000',
  ]);
});

test('a profile’s multiplier and an aggregate’s are negated alike', () => {
  const hosts = having([0, 1, 4, 2], { build_failure_weight_multiplier: '-2' });
  expect(weights([{ weigher: buildFailureWeigher, multiplier: 1 }], ...hosts)).toEqual([
    'host2 0.5',
    'host1 0',
    'host4 -0.5',
    'host3 -1',
  ]);
});
