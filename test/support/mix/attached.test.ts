import { expect, test } from 'vitest';
import type { VirtualMachineInstance } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import { notAsListed } from './attached.ts';

const looked = (phase: string | undefined, inGuest: readonly string[], isTold = false): string[] => {
  const instance = {
    metadata: { name: 'mix-001' },
    spec: { volumes: [{ name: 'data', pvc: { name: 'data' } }] },
    status: {
      powerState: 'Running',
      ...(phase && { volumes: [{ name: 'data', claimName: 'data', phase }] }),
    },
  } as unknown as Instance;
  const volumeStatus = inGuest.map((name) => ({ name, phase: 'Ready', hotplugVolume: {} }));
  const vmi = {
    metadata: { name: 'mix-001' },
    status: { volumeStatus },
  } as unknown as VirtualMachineInstance;
  return notAsListed(instance, [vmi], isTold);
};

test('what is attached has to be in the guest, and what waits has to say so', () => {
  expect(looked('Attached', ['data'])).toEqual([]);
  expect(looked('Attached', [])).toEqual(['mix-001: volumes in the guest: [] and not [data]']);
  expect(looked(undefined, [])).toEqual(['mix-001: status.volumes: [] and not [data]']);
  expect(looked('Pending', [])).toEqual(['mix-001: status.volumes: [data Pending] and not [data]']);
  expect(looked('Pending', [], true)).toEqual([]);
  expect(looked('Pending', ['data'], true)).toEqual(['mix-001: volumes in the guest: [data] and not []']);
  expect(looked('Attaching', ['data'], true)).toEqual([]);
});
