import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { HOST_AGGREGATE, type HostAggregate, type HostAggregateSpec } from '#api/hostaggregate.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

const WAIT = { timeout: 30_000, interval: 100 };

let berth: Berth;
let made: string[] = [];
let aggregates: string[] = [];

/** Three nodes of zone-a, by their label; Instances that name no zone ask for zone-a. */
beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 1 });
  await berth.flavor('on-ssd', {
    vcpus: 1,
    memory: '1Gi',
    extraSpecs: { 'aggregate_instance_extra_specs:ssd': 'true' },
  });
  await berth.operator('aggregates', [
    '--default-availability-zone',
    'zone-a',
    '--cpu-allocation-ratio',
    '4',
  ]);
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await Promise.all(made.map((name) => berth.delete(name).catch(() => undefined)));
  await Promise.all(made.map((name) => berth.gone(name)));
  await Promise.all(aggregates.map((name) => berth.client.delete(HOST_AGGREGATE, name)));
  await Promise.all(['node-001', 'node-002', 'node-003'].map((name) => zoneIs(name, 'zone-a')));
  [made, aggregates] = [[], []];
});

const create = (name: string, spec: Partial<InstanceSpec> = {}): Promise<Instance> => {
  made.push(name);
  return berth.create(name, { ...EPHEMERAL, ...spec });
};
const aggregate = (name: string, spec: HostAggregateSpec) => {
  aggregates.push(name);
  return berth.client.create<HostAggregate>(HOST_AGGREGATE, { metadata: { name }, spec });
};
/** An aggregate that is younger, and seen to be: creation is told in seconds. */
const youngerAggregate = async (than: HostAggregate, name: string, spec: HostAggregateSpec) => {
  const isLater = () => Date.now() >= Date.parse(than.metadata.creationTimestamp) + 1000;
  await vi.waitFor(() => expect(isLater()).toBe(true), WAIT);
  return aggregate(name, spec);
};
const change = (name: string, spec: object) =>
  berth.client.patch(HOST_AGGREGATE, name, { spec }, { type: 'merge' });

const untilNode = (name: string, holds: (node: ComputeNode) => void) =>
  vi.waitFor(async () => holds(await berth.client.get<ComputeNode>(COMPUTE_NODE, name)), WAIT);
const zoneIs = (name: string, zone: string) =>
  untilNode(name, ({ status }) => expect(status?.availabilityZone).toBe(zone));
const untilAggregate = (name: string, holds: (it: HostAggregate) => void) =>
  vi.waitFor(async () => holds(await berth.client.get<HostAggregate>(HOST_AGGREGATE, name)), WAIT);

const readyOf = ({ status }: Pick<HostAggregate | Instance, 'status'>) =>
  status?.conditions?.find(({ type }) => type === 'Ready');
const nodeOf = async (name: string) => (await berth.active(name)).status?.nodeName;
const waits = (name: string) => berth.until(name, (it) => readyOf(it)?.reason === 'NoValidHost');

describe('zone', () => {
  test('an Instance that waits for a zone is placed when a node joins the aggregate that gives it', async () => {
    await aggregate('east', { nodes: ['node-009'], availabilityZone: 'east' });
    await untilAggregate('east', (it) =>
      expect(readyOf(it)).toMatchObject({ status: 'False', reason: 'NoMembers' }),
    );
    await create('easterner', { availabilityZone: 'east' });
    const waiting = await waits('easterner');
    expect(readyOf(waiting)?.message).toContain('other zone 3');
    await change('east', { nodes: ['node-002'] });
    expect(await nodeOf('easterner')).toBe('node-002');
    expect((await berth.get('easterner')).status?.placement?.availabilityZone).toBe('east');
    await untilAggregate('east', (it) =>
      expect(it.status).toMatchObject({ members: ['node-002'], memberCount: 1 }),
    );
  });

  test('members by labels, and back to the label of the Node when the aggregate goes', async () => {
    await berth.cluster.kubectl('label', 'node', 'node-003', 'rack=r9');
    await aggregate('rack', { nodeSelector: { matchLabels: { rack: 'r9' } }, availabilityZone: 'west' });
    await zoneIs('node-003', 'west');
    await berth.cluster.kubectl('label', 'node', 'node-003', 'rack-');
    await zoneIs('node-003', 'zone-a');
  });

  test('an Instance that names none asks for the default one', async () => {
    await aggregate('elsewhere', { nodes: ['node-001', 'node-002'], availabilityZone: 'elsewhere' });
    await Promise.all(['node-001', 'node-002'].map((name) => zoneIs(name, 'elsewhere')));
    await create('homely');
    expect(await nodeOf('homely')).toBe('node-003');
    await change('elsewhere', { nodes: ['node-001', 'node-002', 'node-003'] });
    await zoneIs('node-003', 'elsewhere');
    await create('homeless');
    expect(readyOf(await waits('homeless'))?.message).toContain('other zone 3');
  });
});

test('metadata: a Flavor that asks for it goes to members alone', async () => {
  await create('fast', { flavorRef: { name: 'on-ssd' } });
  await waits('fast');
  await aggregate('ssd', { nodes: ['node-002'], metadata: { ssd: 'true' } });
  expect(await nodeOf('fast')).toBe('node-002');
});

test("ratios: the least of several aggregates, unless the ComputeNode's own say otherwise", async () => {
  const cpuIs = (ratio: number) =>
    untilNode('node-001', ({ status }) => expect(status?.allocationRatios?.cpu).toBe(ratio));
  await aggregate('packed', { nodes: ['node-001'], allocationRatios: { cpu: 16 } });
  await cpuIs(16);
  await aggregate('careful', { nodes: ['node-001'], allocationRatios: { cpu: 2 } });
  await cpuIs(2);
  await berth.client.patch(
    COMPUTE_NODE,
    'node-001',
    { spec: { allocationRatios: { cpu: 3 } } },
    { type: 'merge' },
  );
  await cpuIs(3);
  await berth.client.patch(COMPUTE_NODE, 'node-001', { spec: { allocationRatios: null } }, { type: 'merge' });
  await cpuIs(2);
});

test('a node of another zone is no member: not its zone, not its metadata, not its ratios, and the aggregate says so', async () => {
  const older = await aggregate('older', { nodes: ['node-001'], availabilityZone: 'north' });
  await zoneIs('node-001', 'north');
  await youngerAggregate(older, 'younger', {
    nodes: ['node-001', 'node-002'],
    availabilityZone: 'south',
    metadata: { ssd: 'true' },
    allocationRatios: { cpu: 7 },
  });
  await untilAggregate('younger', (it) => {
    expect(it.status).toMatchObject({ members: ['node-002'], memberCount: 1 });
    expect(readyOf(it)).toMatchObject({ status: 'False', reason: 'ZoneConflict' });
    expect(readyOf(it)?.message).toContain('node-001 is not a member: it stays in zone north of the older');
  });
  await untilNode('node-002', ({ status }) => expect(status?.allocationRatios?.cpu).toBe(7));
  await untilNode('node-001', ({ status }) =>
    expect([status?.availabilityZone, status?.allocationRatios?.cpu]).toEqual(['north', 4]),
  );
  await create('picky', { flavorRef: { name: 'on-ssd' }, availabilityZone: 'north' });
  await waits('picky');

  await change('older', { nodes: ['node-003'] });
  await zoneIs('node-001', 'south');
  await untilAggregate('younger', (it) =>
    expect(readyOf(it)).toMatchObject({ status: 'True', reason: 'InForce' }),
  );
});
