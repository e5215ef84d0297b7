import { expect, test } from 'vitest';
import { decide } from '../decide.ts';
import { DEFAULT_PROFILE } from '../profile.ts';
import { fleetOf, host } from '../testing/hosts.ts';
import { asking } from '../testing/judge.ts';
import { pciWeigher } from './pci.ts';

const fleet = fleetOf([
  host('none'),
  host('some', { devices: { 'example.com/gpu': { total: 4, used: 3 } } }),
  host('many', {
    devices: { 'example.com/gpu': { total: 4, used: 0 }, 'example.com/nic': { total: 2, used: 1 } },
  }),
]);

test('hosts with few free devices are preferred, whatever is asked for', () => {
  const profile = { ...DEFAULT_PROFILE, filters: [], weighers: [{ weigher: pciWeigher }] };
  for (const devices of [undefined, { 'example.com/gpu': 1 }]) {
    const decision = decide(fleet, asking(devices && { devices }), profile);
    const order = decision.kind === 'placed' ? decision.best.map((best) => best.host) : [];
    expect(order).toEqual(['none', 'some', 'many']);
  }
});
