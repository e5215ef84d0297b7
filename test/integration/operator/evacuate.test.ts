import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import type { Instance } from '#api/instance.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import { Berth, onClass } from '#test/berth.ts';
import { WriterWatch } from '#test/writers.ts';

let berth: Berth;
let writers: WriterWatch;

const WITHIN = { timeout: 90_000, interval: 200 };
const SHARED = onClass('shared', 'ReadWriteMany');

beforeAll(async () => {
  const soon = ['kube-controller-manager=--node-monitor-grace-period=6s', 'fleet=--lease-period=1s'];
  berth = await Berth.start({ args: soon });
  writers = new WriterWatch(berth.fleet);
  await berth.operator();
});
afterAll(async () => {
  writers?.stop();
  await berth?.stop();
});

const evacuate = (name: string, instance: string) =>
  berth.client.create<InstanceMigration>(INSTANCE_MIGRATION, {
    metadata: { name, namespace: 'default' },
    spec: { instanceRef: { name: instance }, type: 'Evacuate' },
  } as never);

const migration = (name: string) =>
  berth.client.get<InstanceMigration>(INSTANCE_MIGRATION, `default/${name}`);

const untilPhase = (name: string, phase: string) =>
  vi.waitFor(async () => {
    const { status } = await migration(name);
    if (status?.phase !== phase) throw new Error(`${name} is ${JSON.stringify(status)}`);
    return status;
  }, WITHIN);

const node = (name: string) => berth.client.get<ComputeNode>(COMPUTE_NODE, name);
const untilState = (name: string, state: string) =>
  vi.waitFor(async () => expect((await node(name)).status?.state).toBe(state), WITHIN);
const attest = (name: string) =>
  vi.waitFor(
    () =>
      berth.client.patch(
        COMPUTE_NODE,
        name,
        { spec: { fenced: { reason: 'power cut through its BMC' } } },
        { type: 'merge' },
      ),
    WITHIN,
  );
const ready = ({ status }: Instance) => status?.conditions?.find(({ type }) => type === 'Ready');

test('of a node that is up, it fails and says what to do instead', async () => {
  await berth.create('safe', SHARED);
  const { status } = await berth.active('safe');
  await evacuate('away-safe', 'safe');
  const told = await untilPhase('away-safe', 'Failed');
  expect(told?.message).toContain(`${status?.nodeName} is not Down`);
  expect((await berth.active('safe')).status?.nodeName).toBe(status?.nodeName);
});

test('of a lost node, it waits for proof, then boots elsewhere; when the node is back nothing runs twice', async () => {
  await berth.create('lost', SHARED);
  const { status } = await berth.active('lost');
  const home = status?.nodeName ?? '';
  await berth.fleet.partition(home);
  await untilState(home, 'Down');
  await evacuate('away-lost', 'lost');
  const waits = await berth.until('lost', (it) => it.status?.taskState === 'ResizeMigrating', 90_000);
  expect(waits.status?.operation).toMatchObject({ name: 'Evacuate', source: { name: 'away-lost' } });
  await berth.until('lost', (it) => `${ready(it)?.message}`.includes('off'), 90_000);
  expect((await berth.claims()).get('Instance/lost')?.length).toBe(2);
  await attest(home);
  const told = await untilPhase('away-lost', 'Succeeded');
  expect(told).toMatchObject({ sourceNode: home });
  const after = await berth.until(
    'lost',
    (it) => it.status?.vmState === 'Active' && !it.status.taskState && !it.status.resize,
    90_000,
  );
  expect(after.status?.nodeName).not.toBe(home);
  expect(told?.targetNode).toBe(after.status?.nodeName);
  expect((await berth.claims()).get('Instance/lost')).toEqual([after.status?.nodeName]);
  await berth.fleet.resume(home);
  await untilState(home, 'Up');
  await vi.waitFor(async () => {
    const alive = (await berth.fleet.guests()).filter((it) => it.name === 'lost' && it.state !== 'Off');
    expect(alive.map((it) => it.node)).toEqual([after.status?.nodeName]);
  }, WITHIN);
  expect((await node(home)).spec.fenced).toBeUndefined();
});

test('one that can be cancelled while it waits keeps its place', async () => {
  await berth.create('patient', SHARED);
  const { status } = await berth.active('patient');
  const home = status?.nodeName ?? '';
  await berth.fleet.partition(home);
  await untilState(home, 'Down');
  await evacuate('away-patient', 'patient');
  await berth.until('patient', (it) => it.status?.taskState === 'ResizeMigrating', 90_000);
  await berth.client.patch(
    INSTANCE_MIGRATION,
    'default/away-patient',
    { spec: { cancel: true } },
    { type: 'merge' },
  );
  await untilPhase('away-patient', 'Cancelled');
  expect((await berth.claims()).get('Instance/patient')).toEqual([home]);
  await berth.fleet.resume(home);
  await untilState(home, 'Up');
  await berth.active('patient');
});

test('no guest of this file ever ran in two places', () => {
  expect(writers.looks).toBeGreaterThan(50);
  // A lost node's guest runs on until its power is cut, which the fleet cannot play: that is what the attestation is for.
  expect([...writers.violations].filter((it) => !it.startsWith('default/lost'))).toEqual([]);
});
