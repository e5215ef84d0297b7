import { expect, test } from 'vitest';
import { sizeOf, templateSizeOf, withSize } from './guest-size-view.ts';
import { liveUpdates } from './passthrough.ts';
import type { VirtualMachine, VirtualMachineInstance } from './types.ts';

/** As KubeVirt 1.7 has it after a VM's template was made larger, before the migration that plugs it. */
const ASKED = {
  spec: {
    domain: {
      cpu: { cores: 1, maxSockets: 4, sockets: 2, threads: 1 },
      memory: { guest: '2Gi', maxGuest: '4Gi' },
    },
  },
  status: {
    currentCPUTopology: { cores: 1, sockets: 1, threads: 1 },
    memory: { guestAtBoot: '1Gi', guestCurrent: '1Gi', guestRequested: '1Gi' },
    conditions: [
      { type: 'HotVCPUChange', status: 'True' },
      { type: 'HotMemoryChange', status: 'True' },
    ],
  },
} as unknown as VirtualMachineInstance;

test('what a guest has, what is asked for it and what can be', () => {
  expect(sizeOf(ASKED)).toEqual({
    vcpus: 1,
    memoryMiB: 1024,
    asked: { vcpus: 2, memoryMiB: 2048 },
    most: { vcpus: 4, memoryMiB: 4096 },
    plugging: true,
    memoryFailed: false,
  });
});

test('a guest without head-room', () => {
  const { domain } = ASKED.spec;
  const cpu = { ...domain.cpu, maxSockets: undefined };
  const memory = { guest: '512Mi' };
  const none = {
    ...ASKED,
    spec: { domain: { ...domain, cpu, memory } },
  } as unknown as VirtualMachineInstance;
  expect(sizeOf(none)?.most).toEqual({ vcpus: 0 });
  expect(sizeOf(undefined)).toBeUndefined();
});

test('a VM of another size differs in nothing else', () => {
  const domain = {
    cpu: { sockets: 1, cores: 1, threads: 1 },
    memory: { guest: '1Gi' },
    resources: { requests: {} },
  };
  const vm = {
    spec: { runStrategy: 'Once', template: { spec: { domain, volumes: [] } } },
  } as unknown as VirtualMachine;
  const after = withSize(vm, { vcpus: 2, memoryMiB: 2048 });
  expect(templateSizeOf(after)).toEqual({ vcpus: 2, memoryMiB: 2048 });
  expect(withSize(after, { vcpus: 1, memoryMiB: 1024 }).spec?.template?.spec).toEqual({
    domain: { ...domain, memory: { guest: '1024Mi' } },
    volumes: [],
  });
});

test('KubeVirt carries changes over unless it is told not to', () => {
  const kubevirt = (vmRolloutStrategy?: string) =>
    [{ spec: { configuration: { vmRolloutStrategy } } }] as never;
  expect([
    liveUpdates(kubevirt()),
    liveUpdates(kubevirt('LiveUpdate')),
    liveUpdates(kubevirt('Stage')),
  ]).toEqual([true, true, false]);
});
