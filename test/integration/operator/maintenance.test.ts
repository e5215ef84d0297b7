import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DATA_VOLUME, type DataVolume } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { MAINTENANCE_LABEL } from '#api/constants.ts';
import type { InstanceSpec } from '#api/instance.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 1 });
  await berth.operator('first');
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await berth.fleet.clearFaults();
  for (const node of ['node-001', 'node-002', 'node-003']) await maintain(node, null);
});

const WAIT = { timeout: 60_000, interval: 200 };

type Maintenance = ComputeNode['spec']['maintenance'];
const maintain = (node: string, maintenance: Partial<NonNullable<Maintenance>> | null) =>
  berth.client.patch(COMPUTE_NODE, node, { spec: { maintenance } }, { type: 'merge' });

const untilNode = (node: string, holds: (status: ComputeNode['status']) => void) =>
  vi.waitFor(async () => holds((await berth.client.get<ComputeNode>(COMPUTE_NODE, node)).status), WAIT);
const drained = (reason: string) => (status: ComputeNode['status']) =>
  expect(
    status?.conditions?.find(({ type }) => type === 'Drained'),
    JSON.stringify(status?.maintenance),
  ).toMatchObject({ reason });

/** What was asked for of these Instances; that of others is kept for an hour, and may be there. */
async function movesOff(node: string, names: string[]): Promise<InstanceMigration[]> {
  const labelSelector = `${MAINTENANCE_LABEL}=${node}`;
  const { items } = await berth.client.list<InstanceMigration>(INSTANCE_MIGRATION, { labelSelector });
  return items.filter(({ spec }) => names.includes(spec.instanceRef.name));
}

/** So many Instances on that node, which the others are closed for while they are made. */
async function filled(node: string, names: string[], spec: Partial<InstanceSpec> = EPHEMERAL): Promise<void> {
  const others = ['node-001', 'node-002', 'node-003'].filter((it) => it !== node);
  const close = (disabled: boolean) =>
    Promise.all(
      others.map((it) => berth.client.patch(COMPUTE_NODE, it, { spec: { disabled } }, { type: 'merge' })),
    );
  await close(true);
  await Promise.all(names.map((name) => berth.create(name, spec)));
  await Promise.all(names.map((name) => berth.active(name)));
  await close(false);
}

async function gone(...names: string[]): Promise<void> {
  await Promise.all(names.map((name) => berth.delete(name)));
  await Promise.all(names.map((name) => berth.gone(name)));
}

test('a node is emptied, a few at a time; it takes nothing new; each Instance is moved once', async () => {
  const names = ['a-1', 'a-2', 'a-3', 'a-4'];
  await filled('node-001', names);
  await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/a-*', delay: '2s' });
  await maintain('node-001', { enabled: true, reason: 'new firmware', maxConcurrent: 2 });
  let most = 0;
  await untilNode('node-001', (status) => {
    most = Math.max(most, status?.maintenance?.moving ?? 0);
    drained('Empty')(status);
  });
  expect(most).toBe(2);
  expect((await berth.client.get<ComputeNode>(COMPUTE_NODE, 'node-001')).status?.maintenance).toMatchObject({
    left: 0,
    blockers: [],
  });
  const moves = await movesOff('node-001', names);
  expect(moves.map(({ status }) => status?.phase)).toEqual(names.map(() => 'Succeeded'));
  for (const name of names) expect((await berth.active(name)).status?.nodeName).not.toBe('node-001');

  await berth.create('a-late', { ...EPHEMERAL, nodeName: 'node-001' });
  const waits = await berth.until(
    'a-late',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'NoValidHost') ?? false,
  );
  expect(waits.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('in maintenance');
  await maintain('node-001', null);
  expect((await berth.active('a-late')).status?.nodeName).toBe('node-001');
  await untilNode('node-001', (status) => {
    expect(status?.maintenance).toBeUndefined();
    expect(status?.conditions?.map(({ type }) => type)).not.toContain('Drained');
  });
  await gone(...names, 'a-late');
});

test('what blocks is listed with what to do, and goes on once that was done', async () => {
  await filled('node-002', ['b-live']);
  await berth.client.create<DataVolume>(DATA_VOLUME, {
    metadata: { name: 'ours', namespace: 'default' },
    spec: {
      source: { blank: {} },
      storage: { storageClassName: 'immediate', resources: { requests: { storage: '1Gi' } } },
    },
  });
  const data = { name: 'data', pvc: { name: 'ours' } };
  await filled('node-002', ['b-tied'], { ...onClass('shared', 'ReadWriteMany'), volumes: [data] });
  await filled('node-002', ['b-locked'], { ...EPHEMERAL, locked: true });
  await filled('node-002', ['b-off'], onClass('immediate'));
  await berth.patch('b-off', { powerState: 'Stopped' });
  await berth.until('b-off', ({ status }) => status?.vmState === 'Stopped' && !status.taskState);
  await maintain('node-002', { enabled: true });
  await untilNode('node-002', drained('Blocked'));
  const { status } = await berth.client.get<ComputeNode>(COMPUTE_NODE, 'node-002');
  expect(status?.maintenance).toMatchObject({ left: 3, moving: 0, waiting: 0, blocked: 3 });
  expect(status?.maintenance?.blockers).toMatchObject([
    { instance: 'default/b-locked', reason: 'Locked' },
    { instance: 'default/b-off', reason: 'Stopped' },
    {
      instance: 'default/b-tied',
      reason: 'NotLiveMigratable',
      message: expect.stringContaining('spec.volumes data: it is not shared'),
    },
  ]);
  await berth.patch('b-locked', { locked: false });
  await maintain('node-002', { allowColdMigration: true });
  const moved = ['b-off', 'b-tied'];
  await untilNode('node-002', (it) => {
    expect(it?.maintenance?.blockers).toMatchObject(
      moved.map((name) => ({ instance: `default/${name}`, reason: 'AwaitsConfirmation' })),
    );
  });
  for (const name of moved) await berth.action(`confirm-${name}`, name, { confirmResize: {} });
  await untilNode('node-002', drained('Empty'));
  expect((await berth.get('b-off')).status).toMatchObject({ vmState: 'Stopped' });
  expect((await berth.active('b-tied')).status?.nodeName).not.toBe('node-002');
  await gone('b-live', 'b-locked', ...moved);
});

test('a move that fails is listed with the reason, and no second one is made at once', async () => {
  await filled('node-003', ['c-1']);
  await berth.fleet.addFault({ kind: 'migration-fail', match: 'default/c-1', message: 'no route to host' });
  await maintain('node-003', { enabled: true });
  await untilNode('node-003', (status) => {
    expect(status?.maintenance?.blockers).toMatchObject([
      { instance: 'default/c-1', reason: 'MoveFailed', message: expect.stringContaining('no route to host') },
    ]);
  });
  expect(await movesOff('node-003', ['c-1'])).toHaveLength(1);
  await gone('c-1');
});

describe('taken back, and killed in the middle', () => {
  test('what moves goes on, no more is begun', async () => {
    const names = ['d-1', 'd-2', 'd-3'];
    await filled('node-001', names);
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/d-*', delay: '3s' });
    await maintain('node-001', { enabled: true, maxConcurrent: 1 });
    await berth.until('d-1', ({ status }) => status?.taskState === 'Migrating');
    await maintain('node-001', { enabled: false });
    const moved = await berth.until(
      'd-1',
      ({ status }) => status?.nodeName !== 'node-001' && !status?.taskState,
    );
    expect(moved.status?.vmState).toBe('Active');
    expect(await movesOff('node-001', names)).toHaveLength(1);
    for (const name of ['d-2', 'd-3']) expect((await berth.active(name)).status?.nodeName).toBe('node-001');
    await gone(...names);
  });

  test('an operator that is killed leaves it to the next, which asks for nothing twice', async () => {
    const names = ['e-1', 'e-2', 'e-3'];
    await filled('node-002', names);
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/e-*', delay: '3s' });
    await maintain('node-002', { enabled: true });
    await berth.until('e-1', ({ status }) => status?.taskState === 'Migrating');
    await berth.operators.at(-1)?.kill();
    await berth.operator('second');
    await untilNode('node-002', drained('Empty'));
    const asked = (await movesOff('node-002', names)).map(({ spec }) => spec.instanceRef.name);
    expect(asked.toSorted()).toEqual(names);
    await gone(...names);
  });
});

test('kubectl drain: KubeVirt moves the guests by itself, and they go where Berth says', async () => {
  await filled('node-003', ['f-1', 'f-2']);
  await berth.client.patch(COMPUTE_NODE, 'node-001', { spec: { disabled: true } }, { type: 'merge' });
  await berth.cluster.kubectl(
    'drain',
    'node-003',
    '--ignore-daemonsets',
    '--delete-emptydir-data',
    '--force',
    '--timeout=90s',
    '--pod-selector=kubevirt.io=virt-launcher',
  );
  for (const name of ['f-1', 'f-2']) {
    const { status } = await berth.until(
      name,
      (it) => it.status?.nodeName !== 'node-003' && !it.status?.taskState,
    );
    expect(status?.nodeName).toBe('node-002');
    expect(status?.lastOperations?.[0]).toMatchObject({
      name: 'LiveMigrate',
      result: 'Succeeded',
      source: { kind: 'VirtualMachineInstanceMigration' },
      requestedBy: 'KubeVirt: an eviction from node-003',
      sourceNode: 'node-003',
      targetNode: 'node-002',
    });
  }
  await berth.client.patch(COMPUTE_NODE, 'node-001', { spec: { disabled: false } }, { type: 'merge' });
  await berth.cluster.kubectl('uncordon', 'node-003');
  await gone('f-1', 'f-2');
});
