import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Best } from './best.ts';

function bestOf(scores: readonly number[], k: number): number[] {
  const best = new Best(k);
  for (const [host, score] of scores.entries()) best.offer(host, score, host);
  return Array.from(best.hosts.subarray(0, best.count));
}

test('keeps the highest, best first, and of equal ones the first', () => {
  expect(bestOf([1, 3, 2, 3, 0], 3)).toEqual([1, 3, 2]);
  expect(bestOf([5], 3)).toEqual([0]);
  expect(bestOf([1, 2], 0)).toEqual([]);
});

test('a score that is not a number is the lowest', () => {
  expect(bestOf([Number.NaN, -1, Number.NEGATIVE_INFINITY, 4], 4)).toEqual([3, 1, 0, 2]);
});

test('for any scores: as a stable sort', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.nat({ max: 12 }), (scores, k) => {
      const sorted = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
      expect(bestOf(scores, k)).toEqual(sorted.slice(0, k));
    }),
  );
});
