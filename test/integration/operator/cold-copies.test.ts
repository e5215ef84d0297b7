import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { claimsIn } from '#adapters/kubevirt/disk-view.ts';
import { type VirtualMachine, VM } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { INSTANCE_MIGRATION, type InstanceMigrationSpec } from '#api/instancemigration.ts';
import { Berth, onClass } from '#test/berth.ts';
import { eventually } from '#test/eventually.ts';

/** Resizes and cold migrations that take disks along which only their node reaches (ADR 0072). */
let berth: Berth;

const LONG_MS = 120_000;
const LONG = { timeout: 4 * LONG_MS };
const VOLUMES: Partial<InstanceSpec> = {
  volumes: [{ name: 'data', blank: { size: '1Gi' as never, storageClassName: 'wffc' }, shareable: false }],
};

beforeAll(async () => {
  berth = await Berth.start();
  await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
  await berth.operator('first');
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

/** Its guest has written on its disk. */
async function running(name: string, spec = onClass('wffc')): Promise<string> {
  await berth.create(name, spec);
  const isWhole = ({ status }: Instance) =>
    status?.vmState === 'Active' &&
    status.taskState === undefined &&
    status.volumes?.some((it) => it.phase !== 'Attached') !== true;
  const { status } = await berth.until(name, isWhole, LONG_MS);
  await berth.fleet.write(`default/${name}`, 'mark');
  return status?.nodeName ?? '';
}

const becomes = (name: string, vmState: string) =>
  berth.until(name, ({ status }) => status?.vmState === vmState && status.taskState === undefined, LONG_MS);
const written = async (name: string) => (await berth.fleet.disk(`default/${name}`)).written;

async function migrate(name: string, spec: Partial<InstanceMigrationSpec> = {}): Promise<string> {
  const migration = `${name}-${Date.now()}`;
  await berth.migrate(migration, name, { type: 'Cold', ...spec });
  return migration;
}

async function act(verb: 'confirmResize' | 'revertResize', name: string): Promise<void> {
  const action = `${verb.toLowerCase()}-${name}-${Date.now()}`;
  await berth.action(action, name, { [verb]: {} });
  expect((await berth.ended(action, LONG_MS)).status?.phase).toBe('Succeeded');
}

/** The claims of its disks, by the VM's word; no other is left, and all are on this node. */
const disksOn = (name: string, nodeName: string | undefined) =>
  eventually(async () => {
    const { status } = await berth.get(name);
    expect(status?.nodeName).toBe(nodeName);
    expect([status?.disks?.copy, status?.disks?.left]).toEqual([undefined, undefined]);
    const vm = await berth.client.get<VirtualMachine>(VM, `default/${name}`);
    const named = Object.values(claimsIn(vm.spec?.template?.spec)).toSorted();
    const all = await berth.cluster.kubectl('get', 'pvc,datavolume', '-o', 'name');
    const own = (kind: string) =>
      all
        .split('\n')
        .flatMap((it) => (it.startsWith(`${kind}/${name}-`) ? [it.slice(kind.length + 1)] : []))
        .toSorted();
    expect([own('persistentvolumeclaim'), own('datavolume.cdi.kubevirt.io')]).toEqual([named, named]);
    for (const claim of named) expect(await nodeOf(claim)).toBe(nodeName);
    return named;
  }, LONG_MS);

/** The node that a claim's volume is on. */
async function nodeOf(claim: string): Promise<string> {
  const volume = await berth.cluster.kubectl('get', 'pvc', claim, '-o', 'jsonpath={.spec.volumeName}');
  const path = 'jsonpath={.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]}';
  return berth.cluster.kubectl('get', 'pv', volume, '-o', path);
}

const disable = (node: string, disabled: boolean) =>
  berth.client.patch(COMPUTE_NODE, node, { spec: { disabled } }, { type: 'merge' });

test('a cold migration takes them along, and a revert brings back what was written since', LONG, async () => {
  const source = await running('nomad', { ...onClass('wffc'), ...VOLUMES });
  const before = await disksOn('nomad', source);
  await migrate('nomad');
  const { status } = await becomes('nomad', 'Resized');
  expect(status?.nodeName).not.toBe(source);
  const there = await disksOn('nomad', status?.nodeName);
  expect(there.filter((it) => before.includes(it))).toEqual([]);
  expect(await written('nomad')).toEqual(['mark']);
  await berth.fleet.write('default/nomad', 'there');
  await berth.cluster.kubectl('cordon', source);
  await berth.action('too-early', 'nomad', { revertResize: {} });
  const refused = (await berth.ended('too-early', LONG_MS)).status;
  expect(refused).toMatchObject({
    phase: 'Failed',
    message: expect.stringContaining(`kubectl uncordon ${source}`),
  });
  expect((await becomes('nomad', 'Resized')).status?.powerState).toBe('Running'); // it was not stopped for that
  await berth.cluster.kubectl('uncordon', source);
  await act('revertResize', 'nomad');
  await becomes('nomad', 'Active');
  await disksOn('nomad', source);
  expect(await written('nomad')).toEqual(['mark', 'there']);
});

test(
  'a resize stays where they are while there is room, and takes them along when there is none',
  LONG,
  async () => {
    const source = await running('grows');
    const before = await disksOn('grows', source);
    await berth.patch('grows', { flavorRef: { name: 'wide' } });
    expect((await becomes('grows', 'Resized')).status?.nodeName).toBe(source);
    await act('confirmResize', 'grows');
    expect(await disksOn('grows', source)).toEqual(before);
    await disable(source, true);
    await berth.patch('grows', { flavorRef: { name: 'tiny' } });
    const { status } = await becomes('grows', 'Resized');
    await disable(source, false);
    expect(status?.nodeName).not.toBe(source);
    await act('confirmResize', 'grows');
    await becomes('grows', 'Active');
    await disksOn('grows', status?.nodeName);
    expect(await written('grows')).toEqual(['mark']);
  },
);

test('of a guest that is off: it starts there with what it wrote', LONG, async () => {
  const source = await running('sleeps', onClass('wffc-csi'));
  await berth.patch('sleeps', { powerState: 'Stopped' });
  await becomes('sleeps', 'Stopped');
  await migrate('sleeps');
  const { status } = await becomes('sleeps', 'Resized');
  expect(status?.nodeName).not.toBe(source);
  await act('confirmResize', 'sleeps');
  await berth.patch('sleeps', { powerState: 'Running' });
  await becomes('sleeps', 'Active');
  await disksOn('sleeps', status?.nodeName);
  expect(await written('sleeps')).toEqual(['mark']);
});

describe('what does not come about is given back, with its own disks', () => {
  const copying = (name: string) =>
    berth.until(name, ({ status }) => status?.disks?.copy !== undefined, LONG_MS);

  test('cancelled while they are copied', LONG, async () => {
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/recalled-root-*', delay: '60s' });
    const source = await running('recalled');
    const before = await disksOn('recalled', source);
    const migration = await migrate('recalled');
    const { status } = await copying('recalled');
    expect(status?.taskState).toBe('ResizeMigrating');
    await berth.client.patch(
      INSTANCE_MIGRATION,
      `default/${migration}`,
      { spec: { cancel: true } },
      { type: 'merge' },
    );
    expect((await berth.migrated(migration, LONG_MS)).status?.phase).toBe('Cancelled');
    await becomes('recalled', 'Active');
    expect(await disksOn('recalled', source)).toEqual(before);
    expect(await written('recalled')).toEqual(['mark']);
  });

  test('the new node refuses the guest', LONG, async () => {
    const source = await running('refused');
    await berth.fleet.addFault({ kind: 'import-slow', match: 'default/refused-root-*', delay: '5s' });
    const migration = await migrate('refused');
    const { status } = await copying('refused');
    const target = status?.disks?.copy?.nodeName ?? '';
    await berth.whileFull(target, async () => {
      expect((await berth.migrated(migration, LONG_MS)).status?.phase).toBe('Failed');
    });
    await becomes('refused', 'Active');
    await disksOn('refused', source);
    expect(await written('refused')).toEqual(['mark']);
  });
});

test('the operator is killed while they are copied: the next one goes on', LONG, async () => {
  await berth.fleet.addFault({ kind: 'import-slow', match: 'default/survivor-root-*', delay: '5s' });
  const source = await running('survivor');
  await migrate('survivor');
  await berth.until('survivor', ({ status }) => status?.disks?.copy !== undefined, LONG_MS);
  await berth.operators.at(-1)?.kill();
  await berth.operator('second');
  const { status } = await becomes('survivor', 'Resized');
  expect(status?.nodeName).not.toBe(source);
  await disksOn('survivor', status?.nodeName);
  expect(await written('survivor')).toEqual(['mark']);
});

test('deleted while they are copied: nothing is left but a volume that is kept', LONG, async () => {
  await berth.fleet.addFault({ kind: 'import-slow', match: 'default/doomed-root-*', delay: '60s' });
  await running('doomed', { ...onClass('wffc'), ...VOLUMES });
  await migrate('doomed');
  await berth.until('doomed', ({ status }) => status?.disks?.copy !== undefined, LONG_MS);
  await berth.delete('doomed');
  await berth.gone('doomed');
  await eventually(async () => {
    const left = await berth.cluster.kubectl('get', 'pvc', '-o', 'name');
    expect(left.split('\n').filter((it) => it.includes('/doomed-'))).toEqual([
      'persistentvolumeclaim/doomed-data',
    ]);
  }, LONG_MS);
});

test('their node is lost: an evacuation says that they are on it', LONG, async () => {
  const source = await running('stranded');
  await berth.fleet.powerOff(source);
  await eventually(async () => {
    const { status } = await berth.client.get<ComputeNode>(COMPUTE_NODE, source);
    expect(status?.state).toBe('Down');
  }, LONG_MS);
  const migration = await migrate('stranded', { type: 'Evacuate' });
  const { status } = await berth.migrated(migration, LONG_MS);
  expect(status).toMatchObject({
    phase: 'Failed',
    message: expect.stringContaining(`on the disk of ${source}`),
  });
});
