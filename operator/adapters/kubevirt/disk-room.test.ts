import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CdiConfig,
  claimBytesFor,
  diskGiBIn,
  diskGiBOf,
  fileSystemShare,
  type SizedClaim,
} from './disk-room.ts';

const configOf = (filesystemOverhead: object) => ({ status: { filesystemOverhead } }) as CdiConfig;
const claim = (spec: SizedClaim['spec'], rest: object = {}) =>
  ({ metadata: {}, spec, ...rest }) as SizedClaim;

describe('the share of a file system', () => {
  const fast = { storageClassName: 'fast' };
  test.each([
    ['none on a block device', configOf({ global: '0.5' }), { volumeMode: 'Block' }, 0],
    ["CDI's default without a word of CDI", undefined, { volumeMode: 'Filesystem' }, 0.06],
    ['what CDI is set to', configOf({ global: '0.2' }), fast, 0.2],
    ['what it is set to for the class', configOf({ global: '0.2', storageClass: { fast: '0' } }), fast, 0],
    ['what is no share is not believed', configOf({ global: 'half' }), fast, 0.06],
  ])('%s', (_, config, spec, expected) => {
    expect(fileSystemShare(config, claim(spec))).toBe(expected);
  });
});

test('a claim made for a disk holds it, and not a MiB more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 65_536 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (gib, share) => {
        expect(diskGiBIn(claimBytesFor(gib, share), share)).toBe(gib);
      },
    ),
  );
});

test('of a claim that CDI made counts what was asked for, of any other what it was given', () => {
  const given = { resources: { requests: { storage: '10Gi' } } };
  const status = { capacity: { storage: '12Gi' } };
  const metadata = { ownerReferences: [{ kind: 'DataVolume' }] };
  expect(diskGiBOf(claim(given, { status, metadata }), 0)).toBe(10);
  expect(diskGiBOf(claim(given, { status }), 0)).toBe(12);
  expect(diskGiBOf(claim(given), 0)).toBe(10);
});
