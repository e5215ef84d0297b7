import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import type { Site } from '../site.ts';

export function uninstall(at: () => Site): void {
  describe('uninstall', () => {
    test('leaves the guest running', async () => {
      const { user } = at();
      const guest = new Guest(at(), 'pet');
      const { metadata } = await user.get('virtualmachineinstance', 'pet');
      const told = await guest.counts();
      await at().uninstall();
      expect((await user.get('virtualmachineinstance', 'pet')).metadata.uid).toBe(metadata.uid);
      await guest.goesOn(told);
      const names = (await user.list('instances')).map((it) => it.metadata.name);
      expect(names).toContain('pet');
    });
  });
}
