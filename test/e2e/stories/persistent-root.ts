import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import type { Told } from '../serial-line.ts';
import type { Site } from '../site.ts';
import { conditionOf, eventually } from '../user.ts';
import { instance, persistentRoot as root } from './manifests.ts';

/** Some of it is the firmware's. */
const has = ({ memoryMiB }: Told, wanted: number) => memoryMiB > wanted * 0.75 && memoryMiB <= wanted;

/** One Instance through the operations; the guest counts how often its disk was booted from. */
export function persistentRoot(at: () => Site): void {
  describe('a persistent root', () => {
    const user = () => at().user;
    const guest = () => new Guest(at(), 'pet');
    const lastRequest = async () => {
      const { status } = await user().instance('pet');
      const [last] = (status?.lastOperations ?? []) as { requestId: string }[];
      return last?.requestId ?? '';
    };
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

    test("is found in the operator's log and in Events by the id of the request", async ({ skip }) => {
      const requestId = await lastRequest();
      expect(await user().berth('events', requestId)).toContain('pet');
      if (!at().realPods) skip('the operator runs as a process here: there are no logs of pods');
      const lines = (await user().berth('logs', requestId)).trim().split('\n');
      expect(lines.length).toBeGreaterThan(1);
      for (const line of lines) expect(line).toContain(requestId);
    });

    test('stands still while it is paused', async () => {
      const told = await guest().counts();
      await user().berth('pause', 'pet', '--wait');
      await user().reaches('pet', 'Paused');
      await user().berth('unpause', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().goesOn(told);
    });

    test('goes on from where it was when it is resumed', async () => {
      const told = await guest().counts();
      await user().berth('suspend', 'pet', '--wait');
      await user().reaches('pet', 'Suspended');
      await user().berth('resume', 'pet', '--wait');
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

    test('has more memory after a resize, and no more once that is reverted', async () => {
      await user().berth('resize', 'pet', 'tiny-more', '--wait');
      await user().reaches('pet', 'Resized');
      await guest().tells('it has 256 MiB', (told) => told.boots[0] === 6 && has(told, 256));
      await user().berth('revert', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().tells('it has 128 MiB', (told) => told.boots[0] === 7 && has(told, 128));
      expect(conditionOf(await user().instance('pet'), 'SpecHeld')?.reason).toBe('ResizeReverted');
      await user().berth('resize', 'pet', 'tiny', '--wait');
    });

    test('has more memory after a resize that is confirmed', async () => {
      await user().berth('resize', 'pet', 'tiny-more', '--wait');
      await user().reaches('pet', 'Resized');
      await user().berth('confirm', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().tells('it has 256 MiB', (told) => told.boots[0] === 8 && has(told, 256));
    });

    test('lies beside the disk that a rescue boots from', async () => {
      await user().berth('rescue', 'pet', '--image', at().image, '--wait');
      await user().reaches('pet', 'Rescued');
      await guest().tells(
        'it boots another disk and sees its own',
        ({ boots }) => boots[0] === 1 && Object.values(boots).includes(8),
      );
      await user().berth('unrescue', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(9);
    });

    test('is kept while the Instance is shelved', async () => {
      await user().berth('shelve', 'pet', '--wait');
      await user().reaches('pet', 'ShelvedOffloaded');
      await user().berth('unshelve', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(10);
    });

    test('becomes an Image, of which another Instance boots', async () => {
      await user().berth('stop', 'pet', '--wait');
      await user().reaches('pet', 'Stopped');
      await user().berth('create-image', 'pet', 'golden', '--wait');
      await eventually('the Image is ready', async () =>
        expect((await user().get('image', 'golden')).status?.stage).toBe('Ready'),
      );
      const copy = instance(at(), 'copy', {
        image: undefined,
        imageRef: { name: 'golden' },
        ...root(at()),
      });
      await user().apply(copy);
      await user().reaches('copy', 'Active');
      await new Guest(at(), 'copy').booted(11);
      await user().kubectl('delete', 'instance', 'copy', '--wait', '--timeout=120s');
      await user().berth('start', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(11);
    });

    test('is made afresh by a rebuild', async () => {
      await user().berth('rebuild', 'pet', '--wait');
      await user().reaches('pet', 'Active');
      await guest().booted(1);
    });
  });
}
