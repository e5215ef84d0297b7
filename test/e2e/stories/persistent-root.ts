import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import type { Site } from '../site.ts';
import { eventually } from '../user.ts';
import { instance, persistentRoot as root } from './manifests.ts';

/** One Instance through the operations; the guest counts how often its disk was booted from. */
export function persistentRoot(at: () => Site): void {
  describe('a persistent root', () => {
    const user = () => at().user;
    const guest = () => new Guest(at(), 'pet');
    const nodeOf = async () => (await user().instance('pet')).status?.nodeName;

    test('is made of the image, and boots', async () => {
      await user().apply(instance(at(), 'pet', root(at())));
      await user().reaches('pet', 'Active');
      await guest().booted(1);
      expect(await user().berth('explain', 'pet')).toContain(await nodeOf());
    });

    test('keeps what was written over stop and start', async () => {
      await user().berth('stop', 'pet', '--wait');
      await user().reaches('pet', 'Stopped');
      await user().berth('start', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(2);
    });

    test('over a soft reboot, of which the guest hears by its power button', async () => {
      await user().berth('reboot', 'pet', '--wait');
      await guest().tells('it was asked and began anew', (told) => told.powerButton && told.boots[0] === 3);
    });

    test('over a hard reboot', async () => {
      await user().berth('reboot', 'pet', '--hard', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(4);
    });

    test('moves to another node while the guest runs and counts on', async () => {
      const [before, told] = [await nodeOf(), await guest().counts()];
      await user().berth('live-migrate', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      expect(await nodeOf()).not.toBe(before);
      await guest().goesOn(told);
    });

    test('stands still while it is paused', async () => {
      const told = await guest().counts();
      await user().berth('pause', 'pet', '--wait');
      await user().reaches('pet', 'Paused');
      await user().berth('unpause', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().goesOn(told);
    });

    test('moves to another node while it is off', async () => {
      const before = await nodeOf();
      await user().berth('migrate', 'pet', '--wait');
      await user().reaches('pet', 'Resized');
      await user().berth('confirm', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      expect(await nodeOf()).not.toBe(before);
      await guest().booted(5);
    });

    test('has more memory after a resize', async () => {
      await user().berth('resize', 'pet', 'tiny-more', '--wait');
      await user().reaches('pet', 'Resized');
      await user().berth('confirm', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().tells(
        'it has 256 MiB',
        ({ memoryMiB, boots }) => memoryMiB > 200 && memoryMiB <= 256 && boots[0] === 6,
      );
    });

    test('lies beside the disk that a rescue boots from', async () => {
      await user().berth('rescue', 'pet', '--image', at().image, '--wait');
      await user().reaches('pet', 'Rescued');
      await guest().tells(
        'it boots another disk and sees its own',
        ({ boots }) => boots[0] === 1 && Object.values(boots).includes(6),
      );
      await user().berth('unrescue', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(7);
    });

    test('is kept while the Instance is shelved', async () => {
      await user().berth('shelve', 'pet', '--wait');
      await user().reaches('pet', 'ShelvedOffloaded');
      await user().berth('unshelve', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(8);
    });

    test('becomes an Image, of which another Instance boots', async () => {
      await user().berth('stop', 'pet', '--wait');
      await user().reaches('pet', 'Stopped');
      await user().berth('create-image', 'pet', 'golden', '--wait');
      await eventually('the Image is ready', async () =>
        expect((await user().get('image', 'golden')).status?.stage).toBe('Ready'),
      );
      const copy = instance(at(), 'copy', {
        // As large as the volume that it is made of, which is more than the disk.
        flavorRef: { name: 'tiny-wide' },
        image: undefined,
        imageRef: { name: 'golden' },
        ...root(at()),
      });
      await user().apply(copy);
      await user().reaches('copy', 'Active');
      await new Guest(at(), 'copy').booted(9);
      await user().kubectl('delete', 'instance', 'copy', '--wait', '--timeout=120s');
      await user().berth('start', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(9);
    });

    test('is made afresh by a rebuild', async () => {
      await user().berth('rebuild', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(1);
    });
  });
}
