import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffCeilingMs, equalJitterMs, fullJitterMs } from './backoff.ts';

const settings = { baseMs: 5, capMs: 1_000 };

test('the ceiling doubles from the base up to the cap', () => {
  const ceilings = [1, 2, 3, 8, 9, 10, 5_000].map((failures) => backoffCeilingMs(settings, failures));
  expect(ceilings).toEqual([5, 10, 20, 640, 1_000, 1_000, 1_000]);
});

test('full jitter covers all of the ceiling, equal jitter its upper half', () => {
  expect(fullJitterMs(settings, 3, () => 0)).toBe(0);
  expect(fullJitterMs(settings, 3, () => 0.5)).toBe(10);
  expect(equalJitterMs(settings, 3, () => 0)).toBe(10);
  expect(equalJitterMs(settings, 3, () => 0.5)).toBe(15);
});

test('a wait is never above the cap and never negative', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(10_000), random, (failures, r) => {
      for (const wait of [fullJitterMs, equalJitterMs]) {
        const ms = wait(settings, failures, () => r);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(settings.capMs);
      }
    }),
  );
});
