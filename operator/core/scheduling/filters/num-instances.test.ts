import { expect, test } from 'vitest';
import { fleetOf, host, resources } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { numInstancesFilter as filter } from './num-instances.ts';

test('a host at the limit gets no more', () => {
  const hosts = [0, 49, 50, 51].map((count) => host(`has-${count}`, { numInstances: count }));
  expect(judge(filter, asking(), ...hosts)).toEqual([
    'passes',
    'passes',
    'TooManyInstances',
    'TooManyInstances',
  ]);
});

test('null sets no limit', () => {
  expect(filter.prepare(asking(), fleetOf([]), { maxInstancesPerHost: null })).toBe('skip');
});

test('claims count', () => {
  const fleet = fleetOf([host('a')]);
  const prepared = filter.prepare(asking(), fleet, { maxInstancesPerHost: 1 });
  if (prepared === 'skip') throw new Error('skipped');
  expect(prepared.check(0)).toBe(0);
  fleet.claim(0, resources());
  expect(prepared.check(0)).toBe(1);
});

test('the detail is how many of how many', () => {
  expect(preparedFor(filter, asking(), host('a', { numInstances: 50 })).detail?.(0)).toBe('50 of 50');
});
