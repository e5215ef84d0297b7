import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NODE, POD, type Pod } from '#adapters/kubernetes/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { parseMiB } from '#core/quantity.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 3 });
  await berth.operator('nodes', ['--cpu-allocation-ratio', '2']);
});
afterAll(() => berth?.stop());

const node = (name: string) => berth.client.get<ComputeNode>(COMPUTE_NODE, name);
const until = (name: string, holds: (it: ComputeNode) => void, timeout = 15_000) =>
  vi.waitFor(async () => holds(await node(name)), { timeout, interval: 100 });

test('capacity, what the kubelet keeps, the ratios and what is free', async () => {
  const { status } = await node('node-001');
  expect(status).toMatchObject({
    state: 'Up',
    stateReason: 'Reporting',
    availabilityZone: 'zone-a',
    instances: 0,
  });
  expect(status?.allocationRatios).toEqual({ cpu: 2, memory: 1, disk: 1 });
  expect(status?.capacity).toMatchObject({ vcpus: 16, memoryMiB: 65536 });
  const reserved = status?.reserved ?? { vcpus: 0, memoryMiB: 0, diskGiB: 0 };
  expect(reserved.memoryMiB).toBeGreaterThan(0);
  expect(status?.free?.vcpus).toBe(Math.floor((16 - reserved.vcpus) * 2));
  expect(status?.free?.memoryMiB).toBe(Math.floor(65536 - reserved.memoryMiB));
});

test('a claim shows as used, with its overhead, and is given back', async () => {
  const before = (await node('node-001')).status;
  await berth.create('user', { ...EPHEMERAL, availabilityZone: 'zone-a' });
  await berth.active('user');
  await until('node-001', ({ status }) => {
    expect(status?.used).toMatchObject({ vcpus: 1, memoryMiB: 1024, diskGiB: 10 });
    const overhead = status?.used?.overheadMiB ?? 0;
    expect(overhead).toBeGreaterThan(100);
    expect(status?.free?.memoryMiB).toBe((before?.free?.memoryMiB ?? 0) - 1024 - overhead);
  });
  await berth.delete('user');
  await berth.gone('user');
  await until('node-001', ({ status }) => expect(status?.free).toEqual(before?.free));
});

test('the claim covers what the launcher pod asks Kubernetes for', async () => {
  await berth.create('measured', EPHEMERAL);
  const { status } = await berth.active('measured');
  const { items } = await berth.client.list<Pod>(POD, {
    labelSelector: 'compute.berth.dev/instance=measured',
  });
  const compute = items[0]?.spec.containers.find((it) => (it as { name?: string }).name === 'compute');
  const askedMiB = parseMiB(compute?.resources?.requests?.memory ?? '', 'down');
  const ledger = await berth.client.get<NodeLedger>(NODE_LEDGER, status?.nodeName ?? '');
  const claim = ledger.spec.claims.find(({ name }) => name === 'measured');
  expect(askedMiB).toBeGreaterThan(1024);
  expect((claim?.memoryMiB ?? 0) + (claim?.overheadMiB ?? 0)).toBeGreaterThanOrEqual(askedMiB);
  await berth.delete('measured');
  await berth.gone('measured');
});

test('pods that Berth does not manage count as reserved', async () => {
  const before = (await node('node-002')).status?.reserved;
  const resources = { requests: { cpu: '1500m', memory: '2Gi' } };
  const spec = { nodeName: 'node-002', containers: [{ name: 'a', image: 'example/a:1', resources }] };
  await berth.client.create(POD, { metadata: { name: 'neighbour', namespace: 'default' }, spec } as never);
  await until('node-002', ({ status }) => {
    expect(status?.reserved?.vcpus).toBeCloseTo((before?.vcpus ?? 0) + 1.5);
    expect(status?.reserved?.memoryMiB).toBe((before?.memoryMiB ?? 0) + 2048);
  });
  await berth.client.delete(POD, 'default/neighbour', { gracePeriodSeconds: 0 });
  await until('node-002', ({ status }) => expect(status?.reserved).toEqual(before));
});

test('a disabled node gets no new Instances, and the refusal says why', async () => {
  const spec = { disabled: true, disabledReason: 'new kernel' };
  await berth.client.patch(COMPUTE_NODE, 'node-003', { spec }, { type: 'merge' });
  await berth.create('nowhere', { ...EPHEMERAL, availabilityZone: 'zone-c' });
  const waits = await berth.until(
    'nowhere',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'NoValidHost') ?? false,
  );
  expect(waits.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('disabled 1');
  await berth.client.patch(
    COMPUTE_NODE,
    'node-003',
    { spec: { disabled: false, disabledReason: null } },
    { type: 'merge' },
  );
  expect((await berth.active('nowhere')).status?.nodeName).toBe('node-003');
});

test('nothing is written while nothing changes, though heartbeats tick', async () => {
  const before = (await berth.writes()).length;
  for (let tick = 0; tick < 10; tick++) {
    const annotations = { 'kubevirt.io/heartbeat': new Date().toISOString() };
    await berth.client.patch(NODE, 'node-001', { metadata: { annotations } }, { type: 'merge' });
  }
  // A change that does show, to know that the operator has seen all before it.
  await berth.client.patch(COMPUTE_NODE, 'node-001', { spec: { disabled: true } }, { type: 'merge' });
  const { metadata } = await node('node-001');
  await until('node-001', ({ status }) => expect(status?.observedGeneration).toBe(metadata.generation));
  const ours = (await berth.writes())
    .slice(before)
    .filter(({ objectRef }) => objectRef?.resource !== 'flavors')
    .map(({ objectRef }) => `${objectRef?.resource}/${objectRef?.name}`);
  expect(ours).toEqual(['computenodes/node-001']);
  await berth.client.patch(COMPUTE_NODE, 'node-001', { spec: { disabled: false } }, { type: 'merge' });
});

test('a ledger that is lost is made anew before its node takes anything', async () => {
  const { status } = await berth.get('nowhere');
  const name = status?.nodeName ?? '';
  const before = await berth.client.get<NodeLedger>(NODE_LEDGER, name);
  await berth.client.delete(NODE_LEDGER, name);
  await vi.waitFor(
    async () => {
      const again = await berth.client.get<NodeLedger>(NODE_LEDGER, name);
      expect(again.metadata.uid).not.toBe(before.metadata.uid);
      expect(again.spec.claims.map(({ uid }) => uid)).toEqual(before.spec.claims.map(({ uid }) => uid));
    },
    { timeout: 10_000, interval: 100 },
  );
});

test('a node that stops reporting is seen to be Down, gets nothing new, and comes back', async () => {
  await berth.fleet.partition('node-002');
  const partitioned = performance.now();
  await until(
    'node-002',
    ({ status }) => expect([status?.state, status?.stateReason]).toEqual(['Down', 'NodeUnreachable']),
    100_000,
  );
  console.log(
    JSON.stringify({
      measured: 'downAfterSeconds',
      value: Math.round((performance.now() - partitioned) / 1000),
    }),
  );
  await berth.create('homeless', { ...EPHEMERAL, availabilityZone: 'zone-b' });
  const waits = await berth.until(
    'homeless',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'NoValidHost') ?? false,
  );
  expect(waits.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('down 1');
  await berth.fleet.resume('node-002');
  await until('node-002', ({ status }) => expect(status?.state).toBe('Up'), 60_000);
  expect((await berth.active('homeless')).status?.nodeName).toBe('node-002');
});

test('a node that leaves takes its ComputeNode and ledger with it once nothing is held there', async () => {
  await berth.fleet.addNodes({ count: 1, zone: 'zone-a' });
  await until('node-004', ({ status }) => expect(status?.state).toBe('Up'));
  await berth.fleet.removeNode('node-004');
  await vi.waitFor(
    async () => {
      const left = await berth.cluster.kubectl('get', 'computenodes,nodeledgers', '-o', 'name');
      expect(left).not.toContain('node-004');
    },
    { timeout: 15_000, interval: 100 },
  );
});
