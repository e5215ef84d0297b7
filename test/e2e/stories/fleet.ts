import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import type { Site } from '../site.ts';
import { conditionOf, eventually } from '../user.ts';
import { instance, persistentRoot } from './manifests.ts';

const NAMES = ['herd-1', 'herd-2'];

/** What those who run the nodes do, with guests that must not notice. */
export function fleet(at: () => Site): void {
  describe('guests that run', () => {
    const user = () => at().user;
    const guests = () => NAMES.map((name) => new Guest(at(), name));
    const nodesOf = async () =>
      Promise.all(NAMES.map(async (name) => (await user().instance(name)).status?.nodeName));

    test('leave a node that is emptied, and go on', async () => {
      await user().apply(...NAMES.map((name) => instance(at(), name, persistentRoot(at()))));
      for (const name of NAMES) await user().reaches(name, 'Active');
      const told = await Promise.all(guests().map((guest) => guest.booted(1)));
      const [node = ''] = await nodesOf();
      const maintenance = (spec: object | null) =>
        user().kubectl(
          ...['patch', 'computenode', node, '--type=merge', '-p'],
          JSON.stringify({ spec: { maintenance: spec } }),
        );
      await maintenance({ enabled: true, reason: 'new firmware' });
      await eventually(`${node} is empty`, async () => {
        const computeNode = await user().get('computenode', node);
        if (conditionOf(computeNode, 'Drained')?.status !== 'True')
          throw new Error(JSON.stringify(computeNode.status?.maintenance));
      });
      expect(await nodesOf()).not.toContain(node);
      await maintenance(null);
      for (const [index, guest] of guests().entries()) await guest.goesOn(told[index]);
    });

    test('arrive although the operator is replaced while they move', async () => {
      const before = await nodesOf();
      const told = await Promise.all(guests().map((guest) => guest.counts()));
      for (const name of NAMES) await user().berth('live-migrate', name);
      await at().rollOut();
      for (const [index, name] of NAMES.entries()) {
        await eventually(`${name} has moved`, async () => {
          const { status } = await user().reaches(name, 'Active');
          expect(status?.nodeName).not.toBe(before[index]);
        });
      }
      for (const [index, guest] of guests().entries()) await guest.goesOn(told[index]);
    });

    test('go when they are deleted', async () => {
      await user().kubectl('delete', 'instance', ...NAMES, '--wait', '--timeout=180s');
      for (const name of NAMES)
        expect(await user().list('pods', '-l', `compute.berth.dev/instance=${name}`)).toEqual([]);
    });
  });
}
