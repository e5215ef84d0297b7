import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';
import { eventually } from '#test/eventually.ts';

/** What is on a root disk through every operation; the fleet plays disks by KubeVirt's rules for what survives. */
let berth: Berth;

const LONG_MS = 120_000;
const IMAGE = 'quay.io/containerdisks/fedora:41';

beforeAll(async () => {
  const soon = ['kube-controller-manager=--node-monitor-grace-period=8s', 'fleet=--lease-period=1s'];
  berth = await Berth.start({ args: soon });
  await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
  await berth.operator();
});
afterAll(() => berth?.stop());

const isOf =
  (vmState: string) =>
  ({ status }: Instance): boolean =>
    status?.vmState === vmState && status.taskState === undefined;
const becomes = (name: string, vmState: string) => berth.until(name, isOf(vmState), LONG_MS);
const set = (name: string, spec: object) =>
  berth.client.patch(INSTANCE, `default/${name}`, { spec }, { type: 'merge' });
const written = async (name: string) => (await berth.fleet.disk(`default/${name}`)).written ?? [];

async function via(name: string, spec: object, vmState: string, back: object): Promise<void> {
  await set(name, spec);
  await becomes(name, vmState);
  await set(name, back);
  await becomes(name, 'Active');
}

let made = 0;
async function act(name: string, spec: object): Promise<void> {
  const action = `act-${made++}`;
  await berth.action(action, name, spec);
  expect((await berth.ended(action, LONG_MS)).status?.phase).toBe('Succeeded');
}

async function move(name: string, type: 'Live' | 'Cold' | 'Evacuate'): Promise<void> {
  const migration = `move-${made++}`;
  await berth.migrate(migration, name, { type });
  expect((await berth.migrated(migration, LONG_MS)).status?.phase).toBe('Succeeded');
}

/** Its node loses its power, somebody says so, and it is booted elsewhere. */
async function evacuate(name: string): Promise<void> {
  const home = (await berth.get(name)).status?.nodeName ?? '';
  await berth.fleet.powerOff(home);
  const fenced = { spec: { fenced: { reason: 'power cut' } } };
  await eventually(async () => {
    const { status } = await berth.client.get<ComputeNode>(COMPUTE_NODE, home);
    expect(status?.state).toBe('Down');
    await berth.client.patch(COMPUTE_NODE, home, fenced, { type: 'merge' });
  }, LONG_MS);
  await move(name, 'Evacuate');
  await berth.fleet.resume(home);
  await berth.allNodesUp();
}

/** Each leaves the guest running. */
const OPERATIONS: Record<string, (name: string) => Promise<void>> = {
  SoftReboot: (name) => act(name, { reboot: { type: 'Soft' } }),
  HardReboot: (name) => act(name, { reboot: { type: 'Hard' } }),
  'Pause and Unpause': (name) => via(name, { powerState: 'Paused' }, 'Paused', { powerState: 'Running' }),
  'Suspend and Resume': (name) =>
    via(name, { powerState: 'Suspended' }, 'Suspended', { powerState: 'Running' }),
  LiveMigrate: (name) => move(name, 'Live'),
  'Stop and Start': (name) => via(name, { powerState: 'Stopped' }, 'Stopped', { powerState: 'Running' }),
  'Rescue and Unrescue': (name) => via(name, { rescue: {} }, 'Rescued', { rescue: null }),
  'Shelve and Unshelve': (name) => via(name, { shelved: true }, 'ShelvedOffloaded', { shelved: false }),
  'Resize and RevertResize': async (name) => {
    await set(name, { flavorRef: { name: 'wide' } });
    await becomes(name, 'Resized');
    await act(name, { revertResize: {} });
    await set(name, { flavorRef: { name: 'tiny' } });
  },
  'Resize and ConfirmResize': async (name) => {
    await set(name, { flavorRef: { name: 'wide' } });
    await becomes(name, 'Resized');
    await act(name, { confirmResize: {} });
  },
  'ColdMigrate and ConfirmResize': async (name) => {
    await move(name, 'Cold');
    await act(name, { confirmResize: {} });
  },
  Evacuate: evacuate,
};

test('a persistent root disk keeps what is on it through every operation', {
  timeout: 10 * LONG_MS,
}, async () => {
  await berth.create('kept', onClass('shared', 'ReadWriteMany'));
  await becomes('kept', 'Active');
  const marks: string[] = [];
  for (const [operation, perform] of Object.entries(OPERATIONS)) {
    marks.push(`before ${operation}`);
    await berth.fleet.write('default/kept', `before ${operation}`);
    await perform('kept');
    await becomes('kept', 'Active');
    expect(await written('kept'), `after ${operation}`).toEqual(marks);
  }
});

test('a rescued guest writes on its rescue disk, which goes with the rescue', {
  timeout: 2 * LONG_MS,
}, async () => {
  const marks = await written('kept');
  await set('kept', { rescue: {} });
  await becomes('kept', 'Rescued');
  await berth.fleet.write('default/kept', 'on the rescue disk');
  expect(await written('kept')).toEqual(['on the rescue disk']);
  await set('kept', { rescue: null });
  await becomes('kept', 'Active');
  expect(await written('kept')).toEqual(marks);
});

test('an ephemeral one keeps it while its pod or a live migration carries it, and starts afresh after a stop', {
  timeout: 4 * LONG_MS,
}, async () => {
  await berth.create('cattle', EPHEMERAL);
  await becomes('cattle', 'Active');
  await berth.fleet.write('default/cattle', 'mark');
  for (const operation of [
    'SoftReboot',
    'HardReboot',
    'Pause and Unpause',
    'Suspend and Resume',
    'LiveMigrate',
  ]) {
    await OPERATIONS[operation]?.('cattle');
    await becomes('cattle', 'Active');
    expect(await written('cattle'), `after ${operation}`).toEqual(['mark']);
  }
  await OPERATIONS['Stop and Start']?.('cattle');
  expect(await berth.fleet.disk('default/cattle')).toEqual({ image: IMAGE, written: null });
});

test('what would lose it is refused, with the reason', { timeout: 2 * LONG_MS }, async () => {
  await berth.fleet.write('default/cattle', 'mark');
  await expect(set('cattle', { shelved: true })).rejects.toThrow('ephemeral root disk would be lost');
  await expect(set('cattle', { rescue: {} })).rejects.toThrow('ephemeral');
  await set('cattle', { flavorRef: { name: 'wide' } });
  const held = await berth.until(
    'cattle',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'EphemeralRoot') ?? false,
  );
  expect(held.status?.flavor?.name).toBe('tiny');
  await berth.migrate('cold-cattle', 'cattle', { type: 'Cold' });
  const { status } = await berth.migrated('cold-cattle');
  expect(status).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
  expect(status?.message).toContain('the root disk is ephemeral');
  expect(await written('cattle')).toEqual(['mark']);
});
