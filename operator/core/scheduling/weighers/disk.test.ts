import { expect, test } from 'vitest';
import { host, inventory } from '../testing/hosts.ts';
import { weigh, weights } from '../testing/weigh.ts';
import { diskWeigher } from './disk.ts';

/** Figures of Nova 34.0.0's DiskWeigher, as its own code gave them. */
const novaHosts = [100, 500, 900, 300].map((free, i) =>
  host(`host${i + 1}`, { diskGiB: inventory(1000, { used: 1000 - free }) }),
);

test('as Nova', () => {
  expect(weights([{ weigher: diskWeigher, multiplier: 2.5 }], ...novaHosts)).toEqual([
    'host3 2.5',
    'host2 1.3888888888888888',
    'host4 0.8333333333333333',
    'host1 0.2777777777777778',
  ]);
});

test('the figure is in MiB; no ratio makes more of it, and less than none is none', () => {
  const raws = weigh(
    [{ weigher: diskWeigher }],
    host('a', { diskGiB: inventory(100, { reserved: 10, used: 40, allocationRatio: 4 }) }),
    host('b', { diskGiB: inventory(10, { used: 20 }) }),
  ).map(({ figures }) => figures[0]?.raw);
  expect(raws).toEqual([60 * 1024, 0]);
});

test('reserved disk is taken off when the profile says so', () => {
  const diskGiB = inventory(100, { reserved: 10, used: 40 });
  const [best] = weigh(
    [{ weigher: diskWeigher, args: { countReserved: true } }],
    host('a', { diskGiB }),
    host('b', { diskGiB: inventory(0) }),
  );
  expect(best?.figures[0]?.raw).toBe(50 * 1024);
});
