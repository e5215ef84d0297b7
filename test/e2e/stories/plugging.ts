import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import type { Told } from '../serial-line.ts';
import type { Site } from '../site.ts';
import { conditionOf, eventually } from '../user.ts';
import { blankVolume } from './manifests.ts';

interface VolumeStatus {
  name: string;
  phase?: string;
  target?: string;
}

/** What comes and goes while the guest of stories/persistent-root.ts runs: it counts on all the time. */
export function plugging(at: () => Site): void {
  describe('what is plugged', () => {
    const user = () => at().user;
    const guest = () => new Guest(at(), 'pet');
    const guestHas = async () => (await user().get('virtualmachineinstance', 'pet')).status;
    const disks = async () => ((await guestHas())?.volumeStatus ?? []) as VolumeStatus[];
    let told: Told | undefined;

    test('is a volume', async () => {
      told = await guest().counts();
      await user().apply(blankVolume(at(), 'extra'));
      await user().berth('add-volume', 'pet', 'extra', '--wait');
      const { status } = await user().reaches('pet', 'Active');
      expect(status?.volumes).toMatchObject([{ name: 'extra', claimName: 'extra', phase: 'Attached' }]);
      expect(await disks()).toContainEqual(
        expect.objectContaining({ name: 'extra', phase: 'Ready', target: expect.stringMatching(/^sd/) }),
      );
      await guest().goesOn(told);
    });

    test('is a processor, by a live migration that takes the volume along', async () => {
      const before = (await user().instance('pet')).status?.nodeName;
      await user().berth('resize', 'pet', 'tiny-more-two', '--policy', 'Live', '--wait');
      const { status } = await user().reaches('pet', 'Active');
      expect(status).toMatchObject({ flavor: { name: 'tiny-more-two', vcpus: 2 } });
      expect(status?.nodeName).not.toBe(before);
      expect((await guestHas())?.currentCPUTopology).toMatchObject({ sockets: 2 });
      expect((await disks()).find(({ name }) => name === 'extra')?.phase).toBe('Ready');
      await guest().goesOn(told);
    });

    test('is taken out again: the volume is kept', async () => {
      await user().berth('remove-volume', 'pet', 'extra', '--wait');
      expect((await user().reaches('pet', 'Active')).status?.volumes ?? []).toEqual([]);
      expect((await disks()).map(({ name }) => name)).not.toContain('extra');
      expect((await user().get('persistentvolumeclaim', 'extra')).status?.phase).toBe('Bound');
      await user().kubectl('delete', 'datavolume', 'extra', '--timeout=120s');
      await guest().goesOn(told);
    });

    test('waits for a network that does not exist', async () => {
      await expect(user().berth('add-network', 'pet', 'dmz', '--wait')).rejects.toThrow('dmz');
      expect(conditionOf(await user().instance('pet'), 'SpecHeld')?.reason).toBe('NetworkNotFound');
      await user().berth('remove-network', 'pet', 'dmz', '--wait');
      await eventually('nothing is held', async () =>
        expect(conditionOf(await user().instance('pet'), 'SpecHeld')?.status).not.toBe('True'),
      );
      await guest().goesOn(told);
    });
  });
}
