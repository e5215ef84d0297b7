import { expect, test } from 'vitest';
import type { BuiltFlavor } from '../lifecycle/guest-size.ts';
import { imageMismatch } from './fit.ts';

const flavor: BuiltFlavor = {
  name: 'small',
  vcpus: 1,
  memoryMiB: 1024,
  rootDiskGiB: 10,
  ephemeralDiskGiB: 0,
  swapMiB: 0,
};
const persistent = { rootDisk: { ephemeral: false } };
const ephemeral = { rootDisk: { ephemeral: true } };
const volume = { name: 'golden', pvc: { name: 'image-golden' } };
const disk = { containerDisk: 'example/disk:1' };

test('what is large enough fits', () => {
  expect(
    imageMismatch({ ...volume, minDiskGiB: 10, minMemoryMiB: 1024 }, flavor, persistent),
  ).toBeUndefined();
  expect(imageMismatch(disk, flavor, ephemeral)).toBeUndefined();
});

test('a root disk or memory that is too small is told of, with what to do', () => {
  expect(imageMismatch({ ...volume, minDiskGiB: 11 }, flavor, persistent)).toEqual({
    field: 'spec.flavorRef',
    message:
      'Image golden needs a root disk of 11 GiB, and Flavor small has one of 10: choose a Flavor with a larger rootDisk',
  });
  expect(imageMismatch({ ...disk, minMemoryMiB: 2048 }, flavor, ephemeral)?.message).toBe(
    'the image needs 2048 MiB of memory, and Flavor small has 1024: choose a Flavor with more memory',
  );
});

test('a Flavor without a root disk takes an ephemeral one as large as it is', () => {
  expect(
    imageMismatch({ ...disk, minDiskGiB: 11 }, { ...flavor, rootDiskGiB: 0 }, ephemeral),
  ).toBeUndefined();
});

test('an ephemeral root needs a container disk', () => {
  expect(imageMismatch(volume, flavor, ephemeral)).toMatchObject({ field: 'spec.rootDisk.ephemeral' });
});
