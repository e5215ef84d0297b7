import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type VirtualMachineInstance, VMI } from '#adapters/kubevirt/types.ts';
import { INSTANCE } from '#api/instance.ts';
import { Berth, onClass } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('first');
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

const RESCUE = { rescue: { image: { containerDisk: 'quay.io/containerdisks/rescue:1' } } };
/** A merge patch takes a field away by null. */
const unrescue = (name: string) =>
  berth.client.patch(INSTANCE, `default/${name}`, { spec: { rescue: null } }, { type: 'merge' });
const rescued = (name: string) =>
  berth.until(name, ({ status }) => status?.vmState === 'Rescued' && status.taskState === undefined);

/** Names of the disks by boot order, those without one last. */
async function bootOrder(name: string): Promise<string[]> {
  const { spec } = await berth.client.get<VirtualMachineInstance>(VMI, `default/${name}`);
  const disks = spec.domain.devices.disks ?? [];
  return disks.toSorted((a, b) => (a.bootOrder ?? 99) - (b.bootOrder ?? 99)).map((disk) => disk.name);
}

test('boots from the rescue image with the root disk beside it, on the same node, and back', async () => {
  await berth.create('broken', onClass('immediate'));
  const before = await berth.active('broken');
  await berth.patch('broken', RESCUE);
  const { status } = await rescued('broken');
  expect(status).toMatchObject({ powerState: 'Running', nodeName: before.status?.nodeName });
  expect(status?.rescued).toEqual({ image: 'quay.io/containerdisks/rescue:1' });
  expect(await bootOrder('broken')).toEqual(['rescue', 'root']);
  expect((await berth.claims()).get('Instance/broken')).toEqual([before.status?.nodeName]);
  await unrescue('broken');
  const after = await berth.active('broken');
  expect(after.status?.rescued).toBeUndefined();
  expect(after.status?.nodeName).toBe(before.status?.nodeName);
  expect(await bootOrder('broken')).toEqual(['root']);
  expect(after.status?.lastOperations?.slice(0, 2).map(({ name }) => name)).toEqual(['Unrescue', 'Rescue']);
});

test('a stopped one is rescued as well; while it is, powerState waits and reboots are refused', async () => {
  await berth.create('off', { ...onClass('immediate'), powerState: 'Stopped' });
  await berth.until('off', ({ status }) => status?.vmState === 'Stopped' && !status.taskState);
  await berth.patch('off', RESCUE);
  await rescued('off');
  await berth.action('reboot-off', 'off', { reboot: { type: 'Hard' } });
  expect((await berth.ended('reboot-off')).status).toMatchObject({ phase: 'Refused', reason: 'WrongState' });
  await unrescue('off');
  const { status } = await berth.until(
    'off',
    (it) => it.status?.vmState === 'Stopped' && !it.status.taskState,
  );
  expect(status?.powerState).toBe('Shutdown');
});

test('an operator that is killed in the middle goes on', async () => {
  await berth.create('halfway', onClass('immediate'));
  await berth.active('halfway');
  await berth.fleet.addFault({ kind: 'slow-start', match: 'default/halfway', delay: '3s' });
  await berth.patch('halfway', RESCUE);
  await berth.until('halfway', ({ status }) => status?.taskState === 'Rescuing');
  await berth.operators.at(-1)?.kill();
  await berth.operator('second');
  await rescued('halfway');
  await berth.delete('halfway');
  await berth.gone('halfway');
});
