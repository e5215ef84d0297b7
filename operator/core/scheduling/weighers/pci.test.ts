import { expect, test } from 'vitest';
import { decide } from '../decide.ts';
import { DEFAULT_PROFILE } from '../profile.ts';
import { fleetOf, host, resources } from '../testing/hosts.ts';
import { asking } from '../testing/judge.ts';
import { pciWeigher } from './pci.ts';

const fleet = fleetOf([
  host('none'),
  host('some', { devices: { 'example.com/gpu': { total: 4, used: 3 } } }),
  host('many', {
    devices: { 'example.com/gpu': { total: 4, used: 0 }, 'example.com/nic': { total: 2, used: 1 } },
  }),
]);

const profile = { ...DEFAULT_PROFILE, filters: [], weighers: [{ weigher: pciWeigher }] };

function order(devices?: Record<string, number>): string[] {
  const decision = decide(fleet, asking({ resources: resources({ devices }) }), profile);
  return decision.kind === 'placed' ? decision.best.map((best) => best.host) : [];
}

test('hosts with few free devices are preferred, whatever is asked for', () => {
  for (const devices of [undefined, { 'example.com/gpu': 1 }])
    expect(order(devices)).toEqual(['none', 'some', 'many']);
});

test('a device that was promised is not free', () => {
  const index = fleet.indexOf('many') ?? -1;
  const promised = resources({ devices: { 'example.com/gpu': 4, 'example.com/nic': 1 } });
  fleet.claim(index, promised);
  expect(order()).toEqual(['many', 'none', 'some']);
  fleet.release(index, promised);
  expect(order()).toEqual(['none', 'some', 'many']);
});
