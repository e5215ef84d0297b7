import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { NODE } from '#adapters/kubernetes/types.ts';
import { VMIM } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

const WAIT = { timeout: 30_000, interval: 100 };

let berth: Berth;
let made: string[] = [];

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 2, fleetZones: 1 });
  await berth.operator('constraints');
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await Promise.all(made.map((name) => berth.delete(name).catch(() => undefined)));
  await Promise.all(made.map((name) => berth.gone(name)));
  made = [];
  await Promise.all(
    ['node-001', 'node-002'].map((name) => change(name, { taints: null, unschedulable: null })),
  );
});

const change = (node: string, spec: object) => berth.client.patch(NODE, node, { spec }, { type: 'merge' });
const create = (name: string): Promise<Instance> => {
  made.push(name);
  return berth.create(name, EPHEMERAL);
};
const readyOf = ({ status }: Instance) => status?.conditions?.find(({ type }) => type === 'Ready');
const TAINT = [{ key: 'example.com/gpu', effect: 'NoSchedule' }];

describe('what kube-scheduler would refuse is not tried', () => {
  test('a tainted node is left out, and nothing is excluded after a refusal', async () => {
    await change('node-001', { taints: TAINT });
    await create('clean');
    const { status } = await berth.active('clean');
    expect(status?.nodeName).toBe('node-002');
    expect(status?.placement?.excluded).toBeUndefined();
    expect(status?.placement?.filters).toContainEqual(
      expect.objectContaining({ name: 'NodeTaintsFilter', rejected: [{ reason: 'NodeTainted', count: 1 }] }),
    );
  });

  test('with every node tainted or cordoned an Instance waits with the reasons, and goes on when one is not', async () => {
    await change('node-001', { taints: TAINT });
    await change('node-002', { unschedulable: true });
    await create('patient');
    const waiting = await berth.until('patient', (instance) => readyOf(instance)?.reason === 'NoValidHost');
    expect(readyOf(waiting)?.message).toMatch(
      /NodeTaintsFilter turned away 2 \((tainted 1, cordoned 1|cordoned 1, tainted 1)\)/,
    );
    await change('node-002', { unschedulable: null });
    expect((await berth.active('patient')).status?.nodeName).toBe('node-002');
  });

  test('a live migration does not go to a tainted node: it is cancelled with the reasons', async () => {
    await create('mover');
    const { status } = await berth.active('mover');
    const other = status?.nodeName === 'node-001' ? 'node-002' : 'node-001';
    await change(other, { taints: TAINT });
    const spec = { vmiName: 'mover' };
    await berth.client.create(VMIM, { metadata: { name: 'barred', namespace: 'default' }, spec });
    await vi.waitFor(async () => expect(await berth.exists(VMIM, 'barred')).toBe(false), WAIT);
    const notes = await berth.cluster.kubectl(
      'get',
      'events.events.k8s.io',
      '-o',
      'jsonpath={.items[*].note}',
    );
    expect(notes).toMatch(
      /migration barred is cancelled: 0 of 2 hosts fit: .*NodeTaintsFilter turned away 1/,
    );
  });
});
