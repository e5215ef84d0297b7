import { describe, expect, test } from 'vitest';
import { host, inventory } from '../testing/hosts.ts';
import { weigh, weights } from '../testing/weigh.ts';
import { ramWeigher } from './ram.ts';

/** Figures of Nova 34.0.0's RAMWeigher, as its own code gave them. */
const NOVA_FREE_MIB = [8192, 32768, 49152, 16384];

function novaHosts(free: readonly number[], metadata: Readonly<Record<number, string[]>> = {}) {
  return free.map((mebibytes, i) =>
    host(`host${i + 1}`, {
      memoryMiB: inventory(65536, { used: 65536 - mebibytes }),
      aggregates: metadata[i]?.map((value) => ({ name: value, metadata: { ram_weight_multiplier: value } })),
    }),
  );
}

describe('as Nova', () => {
  test.each([
    {
      multiplier: 1,
      best: ['host3 1', 'host2 0.6666666666666666', 'host4 0.3333333333333333', 'host1 0.16666666666666666'],
    },
    {
      multiplier: 2.5,
      best: [
        'host3 2.5',
        'host2 1.6666666666666665',
        'host4 0.8333333333333333',
        'host1 0.41666666666666663',
      ],
    },
    {
      multiplier: -1,
      best: [
        'host1 -0.16666666666666666',
        'host4 -0.3333333333333333',
        'host2 -0.6666666666666666',
        'host3 -1',
      ],
    },
    { multiplier: 0, best: ['host1 0', 'host2 0', 'host3 0', 'host4 0'] },
  ])('multiplier $multiplier', ({ multiplier, best }) => {
    expect(weights([{ weigher: ramWeigher, multiplier }], ...novaHosts(NOVA_FREE_MIB))).toEqual(best);
  });

  test('hosts that are equal and not empty all have the greatest weight: the scale starts at 0', () => {
    expect(weights([{ weigher: ramWeigher }], ...novaHosts([32768, 32768]))).toEqual(['host1 1', 'host2 1']);
    expect(weights([{ weigher: ramWeigher }], ...novaHosts([0, 0]))).toEqual(['host1 0', 'host2 0']);
  });

  test('free memory below 0 counts as 0', () => {
    expect(weights([{ weigher: ramWeigher }], ...novaHosts([-4096, 32768, 65536]))).toEqual([
      'host3 1',
      'host2 0.5',
      'host1 0',
    ]);
  });

  test.each([
    { values: ['3.0'], best: 'host2 2' },
    { values: ['2', '0.5'], best: 'host3 1' },
    { values: ['fast', '9'], best: 'host3 1' },
  ])('an aggregate of host2 has the multiplier $values', ({ values, best }) => {
    expect(weights([{ weigher: ramWeigher }], ...novaHosts(NOVA_FREE_MIB, { 1: values }))[0]).toBe(best);
  });
});

test('memory is free when it is neither reserved, used nor overhead; no ratio makes more of it', () => {
  const memoryMiB = inventory(1000, { reserved: 100, used: 300, allocationRatio: 4 });
  const [best] = weigh(
    [{ weigher: ramWeigher }],
    host('a', { memoryMiB, overheadMiB: 50 }),
    host('b', { memoryMiB: inventory(1) }),
  );
  expect(best?.figures[0]?.raw).toBe(550);
});
