import { describe, expect, test } from 'vitest';
import { host } from './testing/hosts.ts';
import { weights } from './testing/weigh.ts';
import { aggregateMultiplier } from './weighers/multiplier.ts';
import type { PreparedWeigher, Weigher } from './weighers/weigher.ts';

/** Weighs hosts by their number of instances. */
function weigher(bounds: Pick<PreparedWeigher, 'minval' | 'maxval'> = {}): Weigher {
  return {
    name: 'TestWeigher',
    multiplier: 1,
    multipliers: aggregateMultiplier('test_weight_multiplier'),
    defaults: {},
    prepare: (_request, fleet) => ({ ...bounds, raw: (index) => fleet.numInstances[index] ?? 0 }),
  };
}

const hosts = [2, 10, 4].map((numInstances, i) => host(`host${i + 1}`, { numInstances }));

describe('the scale', () => {
  test('goes from the least raw figure to the greatest', () => {
    expect(weights([{ weigher: weigher() }], ...hosts)).toEqual(['host2 1', 'host3 0.25', 'host1 0']);
  });

  test('is nothing when all are equal, without a minval', () => {
    const equal = hosts.map((state) => ({ ...state, numInstances: 7 }));
    expect(weights([{ weigher: weigher() }], ...equal)).toEqual(['host1 0', 'host2 0', 'host3 0']);
  });

  test('goes from minval to maxval where the weigher has them, and figures beyond are cut', () => {
    const bounded = weigher({ minval: 3, maxval: 5 });
    expect(weights([{ weigher: bounded }], ...hosts)).toEqual(['host2 1', 'host3 0.5', 'host1 0']);
  });
});

test('weights of several weighers add up, each by its multiplier', () => {
  const two = [
    { weigher: weigher(), multiplier: 2 },
    { weigher: weigher({ minval: 0 }), multiplier: -1 },
  ];
  expect(weights(two, ...hosts)).toEqual(['host2 1', 'host3 0.09999999999999998', 'host1 -0.2']);
});

test('a weigher that has nothing to say adds nothing', () => {
  const silent: Weigher = { ...weigher(), prepare: () => 'skip' };
  expect(weights([{ weigher: silent }], ...hosts)).toEqual(['host1 0', 'host2 0', 'host3 0']);
});
