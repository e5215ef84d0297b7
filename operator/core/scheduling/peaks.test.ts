import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Peaks } from './peaks.ts';

const figure = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN), fc.constant(-Infinity));

test('for any changes: the greatest of all that are numbers', () => {
  const change = fc.record({ slot: fc.nat({ max: 99 }), value: figure });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const peaks = new Peaks(100);
      const figures: number[] = new Array(100).fill(-Infinity);
      for (const { slot, value } of changes) {
        peaks.set(slot, value);
        figures[slot] = value;
        expect(peaks.greatest()).toBe(Math.max(...figures.filter((known) => !Number.isNaN(known))));
      }
    }),
  );
});

test('no figure is above the bound of its block, before and after it is settled', () => {
  const peaks = new Peaks(100);
  const block = 2;
  const first = peaks.start(block);
  peaks.set(first + 1, 7);
  peaks.set(first + 3, 4);
  peaks.set(first + 1, 2);
  expect(peaks.bounds[block]).toBe(7);
  expect(peaks.settled(block)).toBe(4);
  expect(peaks.bounds[block]).toBe(4);
  expect(peaks.bounds[1]).toBe(-Infinity);
});

test('blocks cover all figures', () => {
  const peaks = new Peaks(1001);
  expect(peaks.start(0)).toBe(0);
  expect(peaks.start(peaks.bounds.length)).toBe(1001);
});
