import { expect, test } from 'vitest';
import { Surge } from './surge.ts';

let clock = 0;

/** Claims, so many milliseconds apart. */
function claims(surge: Surge, count: number, apartMs: number): void {
  for (let i = 0; i < count; i += 1) {
    surge.claimed();
    clock += apartMs;
  }
}

test('few claims, or slow ones, keep nothing waiting', () => {
  const surge = new Surge(() => clock);
  claims(surge, 24, 1);
  expect(surge.waitMs()).toBe(0);
  claims(surge, 200, 50);
  expect(surge.waitMs()).toBe(0);
});

test('claims faster than guests can be built do, until a second has few of them', () => {
  const surge = new Surge(() => clock);
  claims(surge, 100, 10);
  expect(surge.waitMs()).toBe(750);
  clock += 750;
  expect(surge.waitMs()).toBe(0);
});

test('nothing waits for longer than five seconds, until claims were slow again', () => {
  const surge = new Surge(() => clock);
  claims(surge, 499, 10);
  expect(surge.waitMs()).toBeGreaterThan(0);
  claims(surge, 100, 10);
  expect(surge.waitMs()).toBe(0);
  clock += 2_000;
  claims(surge, 30, 10);
  expect(surge.waitMs()).toBeGreaterThan(0);
});
