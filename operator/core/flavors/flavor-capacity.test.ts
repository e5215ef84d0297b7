import { expect, test } from 'vitest';
import { type FlavorSpec, flavorCapacity as schema } from '#api/flavor.ts';
import { builtFlavor } from '../lifecycle/guest-size.ts';
import { capacityOf } from '../scheduling/capacity.ts';
import { DEFAULT_PROFILE } from '../scheduling/profile.ts';
import { fleetOf, host, inventory } from '../scheduling/testing/hosts.ts';
import { bareRequest, flavorCapacity } from './flavor-capacity.ts';

const SMALL: FlavorSpec = {
  vcpus: 1,
  memory: '1Gi',
  rootDisk: '40Gi',
  ephemeralDisk: '0',
  swap: '512Mi',
  extraSpecs: { ssd: 'true' },
};

const asked = (spec: FlavorSpec, ephemeralRoot: boolean) =>
  bareRequest(builtFlavor('small', spec, new Map()), { ephemeralRoot, memoryRatio: 1 });

function capacity(spec: FlavorSpec, hosts: Parameters<typeof fleetOf>[0]) {
  const fleet = fleetOf(hosts);
  const [onVolume, ephemeral] = [false, true].map((ephemeralRoot) =>
    capacityOf(fleet, asked(spec, ephemeralRoot), DEFAULT_PROFILE),
  );
  if (!onVolume || !ephemeral) throw new Error('both are counted');
  return flavorCapacity(onVolume, ephemeral);
}

const ssd = [{ name: 'ssd', metadata: { ssd: 'true' } }];

test('a root disk takes room on the node only where it is ephemeral', () => {
  const disk = { diskGiB: inventory(100), aggregates: ssd };
  const counts = capacity(SMALL, [
    host('a', { ...disk, availabilityZone: 'zone-b' }),
    host('b', { ...disk, availabilityZone: 'zone-a', vcpus: inventory(3) }),
  ]);
  expect(counts).toEqual({
    fits: 8 + 3,
    fitsEphemeralRoot: 2 + 2,
    zones: [
      { name: 'zone-a', fits: 3, fitsEphemeralRoot: 2 },
      { name: 'zone-b', fits: 8, fitsEphemeralRoot: 2 },
    ],
  });
});

test('hosts that its extra specs rule out do not count', () => {
  expect(capacity(SMALL, [host('a', { aggregates: ssd }), host('b')]).fits).toBe(8);
  expect(capacity({ ...SMALL, extraSpecs: undefined }, [host('a'), host('b')]).fits).toBe(16);
});

test('is bounded at any number of zones', () => {
  const hosts = Array.from({ length: 300 }, (_, index) =>
    host(`host-${index}`, { availabilityZone: `zone-${String(index).padStart(3, '0')}`, aggregates: ssd }),
  );
  const counts = capacity(SMALL, hosts);
  expect(counts.fits).toBe(300 * 8);
  expect(counts.zones.map(({ name }) => name).at(-1)).toBe('zone-063');
  expect(schema.safeParse(counts).error).toBeUndefined();
});
