import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import type { Site } from '../site.ts';
import { eventually } from '../user.ts';

const ATTESTATION = '{"spec":{"fenced":{"reason":"power cut through its BMC"}}}';

/** What docs/the-gate.md says to do when a node is lost. */
export function evacuation(at: () => Site): void {
  describe('a node that is lost', () => {
    const user = () => at().user;
    let home = '';
    const nodesOfPods = async () => {
      const pods = await user().list(
        'pods',
        '-l',
        'compute.berth.dev/instance=pet,kubevirt.io=virt-launcher',
      );
      return pods.filter(({ status }) => status?.phase === 'Running').map(({ spec }) => spec.nodeName);
    };
    const isIn = async (state: string) => {
      const { status } = await user().get('computenode', home);
      expect(status?.state).toBe(state);
    };

    test('keeps its guest until somebody says that it is off; the guest then boots elsewhere from its disk', async () => {
      const guest = new Guest(at(), 'pet');
      home = (await user().reaches('pet', 'Active')).status?.nodeName ?? '';
      await at().powerOff(home);
      await eventually(`${home} is Down`, () => isIn('Down'));
      await user().berth('evacuate', 'pet');
      await eventually('it waits for the proof', async () => {
        expect((await user().instance('pet')).status?.taskState).toBe('ResizeMigrating');
      });
      expect(await nodesOfPods()).toEqual([home]);
      await user().kubectl('patch', 'computenode', home, '--type', 'merge', '-p', ATTESTATION);
      await eventually('it is elsewhere', async () =>
        expect((await user().reaches('pet', 'Active')).status?.nodeName).not.toBe(home),
      );
      await guest.booted(2); // once since it was rebuilt
    });

    test('takes guests again when it is back, and runs none that is elsewhere', async () => {
      const told = await new Guest(at(), 'pet').counts();
      await at().powerOn(home);
      await eventually(`${home} is Up`, () => isIn('Up'), 300);
      await eventually('nobody says any more that it is off', async () =>
        expect((await user().get('computenode', home)).spec.fenced).toBeUndefined(),
      );
      const { status } = await user().instance('pet');
      await eventually('one pod has the guest', async () =>
        expect(await nodesOfPods()).toEqual([status?.nodeName]),
      );
      await new Guest(at(), 'pet').goesOn(told);
    });
  });
}
