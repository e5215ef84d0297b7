import { expect, test } from 'vitest';
import { fleetOf, host, resources } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { ioOpsFilter as filter } from './io-ops.ts';

test('a host at the limit gets no more', () => {
  const hosts = [0, 7, 8, 9].map((count) => host(`has-${count}`, { numIoOps: count }));
  expect(judge(filter, asking(), ...hosts)).toEqual(['passes', 'passes', 'TooManyIoOps', 'TooManyIoOps']);
});

test('null sets no limit', () => {
  expect(filter.prepare(asking(), fleetOf([]), { maxIoOpsPerHost: null })).toBe('skip');
});

test('claims count', () => {
  const fleet = fleetOf([host('a')]);
  const prepared = filter.prepare(asking(), fleet, { maxIoOpsPerHost: 1 });
  if (prepared === 'skip') throw new Error('skipped');
  expect(prepared.check(0)).toBe(0);
  fleet.claim(0, resources());
  expect(prepared.check(0)).toBe(1);
});

test('the detail is how many of how many', () => {
  expect(preparedFor(filter, asking(), host('a', { numIoOps: 8 })).detail?.(0)).toBe('8 of 8');
});
