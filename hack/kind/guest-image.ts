import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyTree, hasImage, importTree } from './docker.ts';
import { WORK } from './paths.ts';
import { run } from './shell.ts';
import { fingerprint, once } from './stamp.ts';

export const GUEST_IMAGE = 'berth.local/guest:1';

/** The container disks of config/samples, for which the guest stands in where nothing can be pulled. */
export const SAMPLES_IMAGES = [
  'quay.io/containerdisks/fedora:41',
  'quay.io/kubevirt/cirros-container-disk-demo:v1.7.0',
];

const SOURCE = join(import.meta.dirname, 'guest/guest.asm');
const DISK_BYTES = 1024 * 1024;

/** The container disk with the guest of guest.asm, whose owner is KubeVirt's qemu user. */
export const guestImage = (): Promise<string> =>
  once(
    'guest image',
    fingerprint([], [SOURCE]),
    async () => {
      const sector = join(WORK, 'guest.bin');
      await run('nasm', ['-f', 'bin', '-o', sector, SOURCE]);
      const root = emptyTree('guest');
      const disk = join(root, 'disk/disk.img');
      mkdirSync(join(root, 'disk'));
      writeFileSync(disk, Buffer.concat([readFileSync(sector)], DISK_BYTES));
      chmodSync(disk, 0o440);
      chownSync(disk, 107, 107);
      await importTree(root, [GUEST_IMAGE], []);
    },
    () => hasImage(GUEST_IMAGE),
  );
