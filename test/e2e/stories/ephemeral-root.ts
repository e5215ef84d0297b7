import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import type { Site } from '../site.ts';
import { conditionOf } from '../user.ts';
import { EPHEMERAL_ROOT, instance } from './manifests.ts';

export function ephemeralRoot(at: () => Site): void {
  describe('an ephemeral root', () => {
    const guest = () => new Guest(at(), 'cattle');

    test('boots', async () => {
      await at().user.apply(instance(at(), 'cattle', EPHEMERAL_ROOT));
      await at().user.reaches('cattle', 'Active');
      await guest().booted(1);
    });

    test('starts afresh after a stop, then without the interface that could not be taken out before', async () => {
      const { user } = at();
      await expect(user.berth('remove-network', 'cattle', 'default', '--wait')).rejects.toThrow(/is held/);
      expect(conditionOf(await user.instance('cattle'), 'SpecHeld')?.reason).toBe('NextStart');
      await user.berth('stop', 'cattle', '--wait');
      await user.reaches('cattle', 'Stopped');
      await user.berth('start', 'cattle', '--wait');
      await user.reaches('cattle', 'Active');
      await guest().booted(1);
      const { status } = await user.get('virtualmachineinstance', 'cattle');
      expect(status?.interfaces ?? []).toEqual([]);
    });

    test('is gone once it is deleted', async () => {
      const { user } = at();
      await user.kubectl('delete', 'instance', 'cattle', '--wait', '--timeout=120s');
      expect(await user.list('virtualmachines')).toEqual([]);
    });
  });
}
