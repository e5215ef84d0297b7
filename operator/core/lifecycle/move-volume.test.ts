import { describe, expect, test } from 'vitest';
import { moveTies, type RootVolume, whyVolumeForbids } from './move-volume.ts';
import type { ResizeRecord } from './resize-record.ts';

const SMALL = { name: 'small', vcpus: 1, memoryMiB: 1024, rootDiskGiB: 10, ephemeralDiskGiB: 0, swapMiB: 0 };
const record = (changes: Partial<ResizeRecord> = {}): ResizeRecord => ({
  requestId: 'req-1',
  flavor: { ...SMALL, name: 'large', vcpus: 2 },
  oldFlavor: SMALL,
  sourceNode: 'a',
  ran: true,
  moved: false,
  ...changes,
});
const migration = record({ flavor: SMALL });
const taller = record({ flavor: { ...SMALL, name: 'tall', rootDiskGiB: 20 } });

const NETWORK: RootVolume = {
  sizeGiB: 10,
  isBound: true,
  storageClass: 'net',
  expandable: false,
  onlyOn: undefined,
};
const LOCAL = { ...NETWORK, onlyOn: ['a'] };

describe('a root disk', () => {
  test.each([
    ['on the network leaves with a migration', migration, NETWORK, undefined],
    ['on the disk of its node does not', migration, LOCAL, 'VolumeHeldToNode'],
    ['on the disk of its node is resized there', record(), LOCAL, undefined],
    ['that there is none of forbids nothing', migration, undefined, undefined],
    ['that may not grow', taller, NETWORK, 'DiskCannotGrow'],
    ['that may grow', taller, { ...NETWORK, expandable: true }, undefined],
    ['that is not there yet', taller, { ...NETWORK, expandable: true, isBound: false }, 'DiskCannotGrow'],
    [
      'that holds less than its Flavor, as the file system takes more by now',
      migration,
      { ...NETWORK, sizeGiB: 9 },
      undefined,
    ],
    ['that is large enough since a revert', taller, { ...NETWORK, sizeGiB: 20 }, undefined],
  ] as const)('%s', (_, move, volume, code) => {
    expect(whyVolumeForbids(move, volume)?.code).toBe(code);
  });
});

describe('a move', () => {
  test('leads away from its node when nothing but the place changes', () => {
    expect(moveTies(migration, NETWORK)).toEqual({ ownHost: 'a', ignoreHosts: ['a'] });
    expect(moveTies(record(), NETWORK)).toEqual({ ownHost: 'a' });
  });

  test('leads to the node that was asked for, where the volume lets it', () => {
    expect(moveTies(record({ flavor: SMALL, wantedNode: 'b' }), NETWORK).onlyHosts).toEqual(['b']);
    expect(moveTies(record(), LOCAL).onlyHosts).toEqual(['a']);
  });
});
