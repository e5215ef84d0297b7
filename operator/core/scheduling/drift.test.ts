import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostGained } from './drift.ts';
import type { Fleet } from './fleet.ts';
import { Measure } from './measure.ts';
import { fleetOf, host } from './testing/hosts.ts';
import { aggregateMultiplier } from './weighers/multiplier.ts';
import type { PreparedWeigher, Weigher } from './weighers/weigher.ts';

const weigher: Weigher = {
  name: 'TestWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('test_weight_multiplier'),
  defaults: {},
  prepare: () => 'skip',
};

function measure(fleet: Fleet, raws: readonly number[], multiplier: number): Measure {
  const prepared: PreparedWeigher = { raw: (index) => raws[index] ?? 0 };
  const made = new Measure(fleet, weigher, prepared, multiplier);
  for (const index of raws.keys()) made.take(index);
  return made;
}

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const scale = fc.record({
  min: finite,
  range: fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e9, noNaN: true })),
});

test('no host gains more when a scale moves, whatever its figure', () => {
  const fleet = fleetOf([host('a'), host('b'), host('c')]);
  const raws = fc.tuple(finite, finite, finite);
  const multiplier = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(raws, multiplier, scale, scale, (figures, factor, then, now) => {
      const moved = Object.assign(measure(fleet, figures, factor), now);
      const most = mostGained([
        { measure: moved, ...then, least: Math.min(...figures), greatest: Math.max(...figures) },
      ]);
      const weight = (raw: number, { min, range }: typeof now) =>
        range === 0 ? 0 : factor * ((raw - min) / range);
      for (const raw of figures) expect(weight(raw, then) + most).toBeGreaterThanOrEqual(weight(raw, now));
    }),
  );
});

test('nothing is known of figures that are not finite', () => {
  const fleet = fleetOf([host('a'), host('b'), host('c')]);
  const murky = measure(fleet, [1, Number.NaN, 3], 1);
  expect(mostGained([{ measure: murky, min: 1, range: 2, least: 1, greatest: 3 }])).toBe(Infinity);
});
