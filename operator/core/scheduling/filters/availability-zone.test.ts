import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { availabilityZoneFilter } from './availability-zone.ts';

const inA = host('in-a', { availabilityZone: 'zone-a' });
const inB = host('in-b', { availabilityZone: 'zone-b' });
const inNone = host('in-none');

test('a request that names no zone goes anywhere', () => {
  expect(judge(availabilityZoneFilter, asking(), inA, inNone)).toBe('skip');
});

test('a request that names a zone goes to hosts of that zone', () => {
  expect(judge(availabilityZoneFilter, asking({ availabilityZone: 'zone-b' }), inA, inB, inNone)).toEqual([
    'OtherZone',
    'passes',
    'NoZone',
  ]);
});

test('a zone that no host has leaves none', () => {
  expect(judge(availabilityZoneFilter, asking({ availabilityZone: 'zone-z' }), inA, inB, inNone)).toEqual([
    'OtherZone',
    'OtherZone',
    'NoZone',
  ]);
});

test('the detail is the zone that the host is in', () => {
  const request = asking({ availabilityZone: 'zone-b' });
  expect(preparedFor(availabilityZoneFilter, request, inA).detail?.(0)).toBe('zone-a');
  expect(preparedFor(availabilityZoneFilter, request, inNone).detail?.(0)).toBeUndefined();
});
