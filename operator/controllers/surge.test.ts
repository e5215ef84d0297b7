import { expect, test } from 'vitest';
import { Surge } from './surge.ts';

let clock = 0;

/** Requests, so many milliseconds apart. */
function requests(surge: Surge, count: number, apartMs: number): void {
  for (let i = 0; i < count; i += 1) {
    surge.asked();
    clock += apartMs;
  }
}

test('few requests, or slow ones, keep nothing waiting', () => {
  const surge = new Surge(() => clock);
  requests(surge, 9, 1);
  expect(surge.waitMs()).toBe(0);
  clock += 1_000;
  requests(surge, 200, 120);
  expect(surge.waitMs()).toBe(0);
});

test('requests faster than guests can be built do, until a second has few of them', () => {
  const surge = new Surge(() => clock);
  requests(surge, 100, 10);
  expect(surge.waitMs()).toBe(900);
  clock += 900;
  expect(surge.waitMs()).toBe(0);
});

test('nothing waits for longer than ten seconds, until requests were slow again', () => {
  const surge = new Surge(() => clock);
  requests(surge, 999, 10);
  expect(surge.waitMs()).toBeGreaterThan(0);
  requests(surge, 100, 10);
  expect(surge.waitMs()).toBe(0);
  clock += 2_000;
  requests(surge, 30, 10);
  expect(surge.waitMs()).toBeGreaterThan(0);
});
