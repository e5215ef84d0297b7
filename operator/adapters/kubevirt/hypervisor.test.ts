import { expect, test } from 'vitest';
import { INSTANCE_UID_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Resource } from '#runtime/resource.ts';
import { kubevirtHypervisor, type WriteObserver } from './hypervisor.ts';
import type { VirtualMachine } from './types.ts';

const NEW = { name: 'root', claimName: 'web-root-0a0b0c0d' };

/** What is written, in order, of a VM that names this claim for its root disk. */
function hypervisorOf(claimName: string, disks: object) {
  const metadata = {
    name: 'web',
    namespace: 'default',
    uid: 'uid-web',
    labels: { [INSTANCE_UID_LABEL]: 'uid-web' },
  };
  const volumes = [{ name: 'root', dataVolume: { name: claimName } }];
  const vm = { metadata, spec: { updateVolumesStrategy: 'Migration', template: { spec: { volumes } } } };
  const writes: [string, unknown][] = [];
  const client = {
    get: async () => vm,
    update: async (_: Resource, it: VirtualMachine) => {
      writes.push(['named', it.spec?.template?.spec?.volumes]);
      return it;
    },
    patch: async (_: Resource, __: string, patch: { spec: { runStrategy: string } }) => {
      writes.push(['patched', patch.spec.runStrategy]);
      return vm;
    },
    delete: async ({ kind }: Resource) => void writes.push(['deleted', kind]),
  } as unknown as KubeClient;
  const observer = { vm: () => undefined, vmi: () => undefined } as unknown as WriteObserver;
  const instance = { metadata, spec: {}, status: { disks } } as unknown as Instance;
  return { hypervisor: kubevirtHypervisor(client, observer), instance, writes };
}

const OWN = [{ name: 'root', dataVolume: { name: 'web-root' } }];
const copy = { requestId: 'req-1', nodeName: 'node-2', disks: [NEW] };

test.each([
  ['it was being copied to', { copy }],
  ['it was copied to in vain', { left: [NEW] }],
])('a guest is not started with a claim that %s', async (_, disks) => {
  const { hypervisor, instance, writes } = hypervisorOf(NEW.claimName, disks);
  await hypervisor.setRunning(instance, true, 'req-2');
  expect(writes).toEqual([
    ['named', OWN],
    ['patched', 'Once'],
  ]);
  writes.length = 0;
  await hypervisor.replacePod(instance);
  expect(writes).toEqual([
    ['named', OWN],
    ['deleted', 'VirtualMachineInstance'],
  ]);
});

test('a guest that goes off keeps what its VM names; one that nothing was copied of is started at once', async () => {
  const off = hypervisorOf(NEW.claimName, { copy });
  await off.hypervisor.setRunning(off.instance, false, 'req-2');
  expect(off.writes).toEqual([['patched', 'Halted']]);
  const plain = hypervisorOf('web-root', {});
  await plain.hypervisor.setRunning(plain.instance, true, 'req-2');
  expect(plain.writes).toEqual([['patched', 'Once']]);
});
