import { expect, test } from 'vitest';
import type { RequestSpec } from '../request-spec.ts';
import { fleetOf, host, resources } from '../testing/hosts.ts';
import { asking } from '../testing/judge.ts';
import { imagePropertiesWeigher as weigher } from './image-properties.ts';

const windows = { os_distro: 'windows' };
const q35 = { hw_machine_type: 'q35' };
const both = { ...windows, ...q35 };
const request = asking({ image: { id: 'image', properties: both } });
const hosts = [
  host('host1', { instanceImageProperties: [windows, both] }),
  host('host2', { instanceImageProperties: [{ os_distro: 'linux', ...q35 }] }),
  host('host3'),
  host('host4', { instanceImageProperties: [{}, windows] }),
];

function raws(setting: string[], of: RequestSpec = request, multiplier = 1): number[] | 'skip' {
  const fleet = fleetOf(hosts);
  const prepared = weigher.prepare(of, fleet, { imagePropsWeightSetting: setting }, multiplier);
  return prepared === 'skip' ? 'skip' : hosts.map((_, i) => prepared.raw(i));
}

test.each([
  [[], [3, 1, 0, 1]],
  [
    ['os_distro=10', 'hw_machine_type=1'],
    [21, 1, 0, 10],
  ],
  [['hw_machine_type=1'], [1, 1, 0, 0]],
  [
    ['os_distro=-3', 'hw_machine_type=1'],
    [-5, 1, 0, -3],
  ],
])('as Nova: setting %j', (setting, expected) => {
  expect(raws(setting)).toEqual(expected);
});

test('off at a multiplier of 0, and without an image', () => {
  expect(raws([], request, 0)).toBe('skip');
  expect(raws([], asking())).toBe('skip');
});

test('claims count', () => {
  const fleet = fleetOf(hosts);
  const prepared = weigher.prepare(request, fleet, weigher.defaults, 1);
  if (prepared === 'skip') throw new Error('skipped');
  fleet.claim(2, resources(), request);
  expect(prepared.raw(2)).toBe(2);
  fleet.release(2, resources(), request);
  expect(prepared.raw(2)).toBe(0);
});
