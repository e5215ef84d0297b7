import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { NETWORK_DEFINITION } from '#adapters/kubernetes/network-definitions.ts';
import { type VirtualMachine, type VirtualMachineInstance, VM, VMI } from '#adapters/kubevirt/types.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

const SLOW = { timeout: 120_000, interval: 200 };

let berth: Berth;
beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('first');
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

type Networks = NonNullable<InstanceSpec['networks']>;
type Status = NonNullable<Instance['status']>;

const POD: Networks[number] = { name: 'default', pod: {} };
const multus = (name: string, more: object = {}): Networks[number] => ({ name, multus: { name }, ...more });
const define = (name: string) =>
  berth.client.create(NETWORK_DEFINITION, {
    metadata: { name, namespace: 'default' },
    spec: { config: JSON.stringify({ cniVersion: '0.3.1', type: 'bridge', bridge: name }) },
  } as never);

const condition = ({ conditions }: Status, type: string) => conditions?.find((it) => it.type === type);
const held = (name: string, reason: string) =>
  berth.until(name, ({ status = {} }) => condition(status, 'SpecHeld')?.reason === reason, SLOW.timeout);

/** Waits until the guest has these interfaces and no others, with nothing in flight. */
async function attached(name: string, ...names: string[]): Promise<Instance> {
  const holds = ({ status = {} }: Instance) =>
    status.taskState === undefined &&
    (status.networks ?? []).every(({ phase }) => phase === 'Attached') &&
    JSON.stringify(status.networks?.map((it) => it.name).sort() ?? []) === JSON.stringify(names.toSorted());
  return berth.until(name, holds, SLOW.timeout);
}

const addressOf = ({ status }: Instance, name: string) =>
  status?.addresses?.find((it) => it.interface === name);
const hasAddress = (instance: string, name: string) =>
  berth.until(instance, (it) => addressOf(it, name)?.ip !== undefined, SLOW.timeout);

test('a network is plugged into a guest that runs and taken out again; the addresses of all are in the status', async () => {
  await define('storage');
  await berth.create('web', EPHEMERAL);
  const before = await berth.active('web');
  const networks = [POD, multus('storage', { macAddress: '02:00:00:00:00:42' })];
  await berth.patch('web', { networks });
  const plugged = await attached('web', 'default', 'storage');
  expect(plugged.status?.lastOperations?.[0]).toMatchObject({ name: 'AttachInterface', result: 'Succeeded' });
  const { status } = await hasAddress('web', 'storage');
  expect(addressOf({ status } as Instance, 'storage')).toMatchObject({ mac: '02:00:00:00:00:42' });
  expect(addressOf({ status } as Instance, 'default')?.ip).toBe(before.status?.addresses?.[0]?.ip);
  expect(status?.nodeName).toBe(before.status?.nodeName);

  const writes = (await berth.writes()).length;
  await berth.patch('web', { networks });
  await berth.action('reboot-web', 'web', { reboot: { type: 'Hard' } });
  expect((await berth.ended('reboot-web')).status?.phase).toBe('Succeeded');
  const later = (await berth.writes()).slice(writes).map((it) => it.objectRef?.resource);
  expect(later).not.toContain('virtualmachines');

  await berth.patch('web', { networks: [POD] });
  const after = await attached('web', 'default');
  expect(after.status?.lastOperations?.[0]).toMatchObject({ name: 'DetachInterface', result: 'Succeeded' });
  const vm = await berth.client.get<VirtualMachine>(VM, 'default/web');
  expect(vm.spec?.template?.spec?.networks?.map(({ name }) => name)).toEqual(['default']);
});

test('a network that does not exist is said, and waited for, by a new Instance and by one that runs', async () => {
  await berth.create('hopeful', { ...EPHEMERAL, networks: [multus('missing')] });
  const { status } = await berth.until(
    'hopeful',
    (it) => condition(it.status ?? {}, 'Ready')?.reason === 'NetworkNotFound',
  );
  expect(condition(status ?? {}, 'Ready')?.message).toContain(
    'spec.networks missing: NetworkAttachmentDefinition missing does not exist in namespace default: create it',
  );
  await berth.create('content', EPHEMERAL);
  await berth.active('content');
  await berth.patch('content', { networks: [POD, multus('missing')] });
  await held('content', 'NetworkNotFound');
  expect((await berth.get('content')).status?.vmState).toBe('Active');
  await define('missing');
  await berth.active('hopeful');
  await attached('hopeful', 'missing');
  await attached('content', 'default', 'missing');
});

test('what KubeVirt does not plug waits for the next start, and says so; MAC addresses stay through a move and a rescue', async () => {
  await define('backup');
  await berth.create('rover', {
    ...onClass('shared', 'ReadWriteMany'),
    networks: [multus('backup', { addresses: ['192.0.2.10/24'] })],
  });
  await attached('rover', 'backup');
  const { domain, volumes } = (await berth.client.get<VirtualMachineInstance>(VMI, 'default/rover')).spec;
  expect(domain.devices.interfaces?.map(({ name }) => name)).toEqual(['backup']);
  const cloudInit = volumes?.find(({ name }) => name === 'cloudinit')?.cloudInitNoCloud;
  expect(JSON.parse(cloudInit?.networkData ?? '')).toMatchObject({
    ethernets: { backup: { addresses: ['192.0.2.10/24'] } },
  });
  const mac = addressOf(await hasAddress('rover', 'backup'), 'backup')?.mac;
  expect(mac).toMatch(/^02:/);

  await berth.patch('rover', {
    networks: [multus('backup', { addresses: ['192.0.2.10/24'] }), { name: 'front', pod: {} }],
  });
  const { status } = await held('rover', 'NextStart');
  expect(condition(status ?? {}, 'SpecHeld')?.message).toContain(
    'spec.networks front: KubeVirt neither plugs',
  );
  await berth.patch('rover', { powerState: 'Stopped' });
  await berth.until(
    'rover',
    (it) => it.status?.vmState === 'Stopped' && it.status.networks?.[1]?.phase === 'Attached',
    SLOW.timeout,
  );
  await berth.patch('rover', { powerState: 'Running' });
  await berth.active('rover');
  await hasAddress('rover', 'front');

  await berth.migrate('rover-live', 'rover', { type: 'Live' });
  expect((await berth.migrated('rover-live', SLOW.timeout)).status).toMatchObject({ phase: 'Succeeded' });
  await berth.patch('rover', { rescue: { image: { containerDisk: 'quay.io/containerdisks/rescue:1' } } });
  await berth.until('rover', (it) => it.status?.vmState === 'Rescued' && !it.status.taskState, SLOW.timeout);
  await berth.client.patch(INSTANCE, 'default/rover', { spec: { rescue: null } }, { type: 'merge' });
  await berth.active('rover');
  expect(addressOf(await hasAddress('rover', 'backup'), 'backup')?.mac).toBe(mac);
});

test('an operator that is killed in the middle goes on; a lock keeps the list; none at all is no interface', async () => {
  await define('firm');
  await berth.create('steady', EPHEMERAL);
  await berth.active('steady');
  await berth.patch('steady', { networks: [POD, multus('firm')] });
  await berth.until('steady', ({ status }) => status?.networks !== undefined);
  await berth.operators.at(-1)?.kill();
  await berth.operator('second');
  await attached('steady', 'default', 'firm');
  await berth.patch('steady', { locked: true });
  await expect(berth.patch('steady', { networks: [POD] })).rejects.toThrow('the Instance is locked');
  await berth.create('hermit', { ...EPHEMERAL, networks: [] });
  await berth.active('hermit');
  const { domain } = (await berth.client.get<VirtualMachineInstance>(VMI, 'default/hermit')).spec;
  expect(domain.devices.interfaces ?? []).toEqual([]);
  await vi.waitFor(async () => expect((await berth.get('hermit')).status?.addresses).toBeUndefined(), SLOW);
});
