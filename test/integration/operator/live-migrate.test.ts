import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { PVC } from '#adapters/kubevirt/root-volume.ts';
import { VMIM } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE } from '#api/computenode.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { INSTANCE_MIGRATION } from '#api/instancemigration.ts';
import { SERVER_GROUP } from '#api/servergroup.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('first', ['--task-deadline', 'Migrating=20']);
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

const WAIT = { timeout: 30_000, interval: 200 };

async function running(name: string, spec: Partial<InstanceSpec> = EPHEMERAL): Promise<string> {
  await berth.create(name, spec);
  const { status } = await berth.active(name);
  return status?.nodeName ?? '';
}

/** One claim, of the Instance, on the node that its guest is on. */
const settledOn = (name: string, nodeName: string | undefined) =>
  vi.waitFor(async () => {
    const claims = [...(await berth.claims())].filter(([owner]) => owner.includes(name));
    expect(claims).toEqual([[`Instance/${name}`, [nodeName]]]);
  }, WAIT);

const underWay = (name: string, taskState = 'Migrating') =>
  berth.until(name, ({ status }) => status?.taskState === taskState);

/** KubeVirt has begun to move the guest itself. */
const moving = (name: string) =>
  vi.waitFor(async () => {
    const { status } = await berth.migration(name);
    expect(status?.progress?.startTime, JSON.stringify(status)).toBeDefined();
  }, WAIT);

const last = ({ status }: Instance) => status?.lastOperations?.[0];
const cancel = (name: string) =>
  berth.client.patch(INSTANCE_MIGRATION, `default/${name}`, { spec: { cancel: true } }, { type: 'merge' });

describe('succeeds', () => {
  test.each([
    ['block', EPHEMERAL, 'BlockMigration'],
    ['shared', onClass('shared', 'ReadWriteMany'), 'LiveMigration'],
  ] as const)(
    '%s: to where the scheduler says, told in status, migration and Events',
    async (kind, spec, method) => {
      const [name, migration] = [`to-any-${kind}`, `any-${kind}`];
      const source = await running(name, spec);
      await berth.migrate(migration, name);
      const { status } = await berth.migrated(migration);
      expect(status).toMatchObject({
        phase: 'Succeeded',
        operation: 'LiveMigrate',
        sourceNode: source,
        progress: { phase: expect.any(String), method, mode: 'PreCopy' },
        placement: { requestId: status?.requestId, nodeName: status?.targetNode, hosts: 6 },
      });
      expect(status?.targetNode).not.toBe(source);
      const instance = await berth.active(name);
      expect(instance.status).toMatchObject({
        nodeName: status?.targetNode,
        placement: { requestId: status?.requestId, nodeName: status?.targetNode },
      });
      expect(last(instance)).toMatchObject({
        name: 'LiveMigrate',
        requestId: status?.requestId,
        source: { kind: 'InstanceMigration', name: migration },
        sourceNode: source,
        targetNode: status?.targetNode,
        result: 'Succeeded',
      });
      await settledOn(name, status?.targetNode);
    },
  );

  test('to a chosen node; a paused guest stays paused', async () => {
    const source = await running('chosen');
    await berth.patch('chosen', { powerState: 'Paused' });
    await berth.until('chosen', ({ status }) => status?.vmState === 'Paused' && !status.taskState);
    const targetNode = source === 'node-005' ? 'node-006' : 'node-005';
    await berth.migrate('to-chosen', 'chosen', { targetNode });
    expect((await berth.migrated('to-chosen')).status).toMatchObject({ phase: 'Succeeded', targetNode });
    const { status } = await berth.until('chosen', (it) => !it.status?.taskState);
    expect(status).toMatchObject({ vmState: 'Paused', nodeName: targetNode });
    await settledOn('chosen', targetNode);
  });
});

describe('refused, or failed with the reasons, and nothing is left of it', () => {
  test('a chosen target that a filter turns away', async () => {
    const source = await running('picky');
    await berth.client.patch(
      COMPUTE_NODE,
      source === 'node-004' ? 'node-003' : 'node-004',
      {
        spec: { disabled: true },
      },
      { type: 'merge' },
    );
    const targetNode = source === 'node-004' ? 'node-003' : 'node-004';
    await berth.migrate('to-disabled', 'picky', { targetNode });
    const { status } = await berth.migrated('to-disabled');
    expect(status).toMatchObject({ phase: 'Failed', sourceNode: source });
    expect(status?.message).toContain(`${targetNode} does not take it: 0 of 6 hosts fit`);
    expect(status?.message).toContain('disabled');
    await berth.client.patch(COMPUTE_NODE, targetNode, { spec: { disabled: false } }, { type: 'merge' });
    await berth.migrate('to-itself', 'picky', { targetNode: source });
    expect((await berth.migrated('to-itself')).status?.phase).toBe('Failed');
    await settledOn('picky', source);
    expect((await berth.active('picky')).status?.placement?.nodeName).toBe(source);
  });

  test('no valid host: KubeVirt is not even asked', async () => {
    const source = await running('cornered', { ...EPHEMERAL, availabilityZone: 'zone-c' });
    const other = source === 'node-003' ? 'node-006' : 'node-003';
    await berth.client.patch(COMPUTE_NODE, other, { spec: { disabled: true } }, { type: 'merge' });
    await berth.migrate('nowhere', 'cornered');
    const { status } = await berth.migrated('nowhere');
    await berth.client.patch(COMPUTE_NODE, other, { spec: { disabled: false } }, { type: 'merge' });
    expect(status?.phase).toBe('Failed');
    expect(status?.message).toMatch(/^0 of 6 hosts fit/);
    expect(status?.progress).toBeUndefined();
    await settledOn('cornered', source);
  });

  test('a guest with a claim of the user that is not shared, with its name', async () => {
    await berth.client.create(PVC, {
      metadata: { name: 'tied-data', namespace: 'default' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'immediate',
        resources: { requests: { storage: '1Gi' } },
      },
    } as never);
    const data = { name: 'data', pvc: { name: 'tied-data' } };
    await running('tied', { ...onClass('shared', 'ReadWriteMany'), volumes: [data] });
    await berth.until(
      'tied',
      ({ status }) => status?.conditions?.some(({ reason }) => reason === 'DisksNotLiveMigratable') ?? false,
    );
    await berth.migrate('tied-1', 'tied');
    const { status } = await berth.migrated('tied-1');
    expect(status).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
    expect(status?.message).toContain('spec.volumes data: it is not shared');
  });

  test('the second of two, while the first runs', async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/raced', delay: '3s' });
    await running('raced');
    await Promise.all([berth.migrate('race-1', 'raced'), berth.migrate('race-2', 'raced')]);
    const phases = await Promise.all(
      ['race-1', 'race-2'].map(async (name) => (await berth.migrated(name)).status),
    );
    expect(phases.map((it) => it?.phase).toSorted()).toEqual(['Refused', 'Succeeded']);
    expect(phases.find((it) => it?.phase === 'Refused')?.reason).toBe('OperationInProgress');
    await settledOn('raced', (await berth.active('raced')).status?.nodeName);
  });
});

test('kube-scheduler refuses the target: the next best is tried, and both are told of', async () => {
  const source = await running('retried');
  const preferred = await running('scout');
  expect(preferred).not.toBe(source);
  await berth.delete('scout');
  await berth.gone('scout');
  await berth.whileFull(preferred, async () => {
    await berth.migrate('elsewhere', 'retried');
    const { status } = await berth.migrated('elsewhere');
    expect(status).toMatchObject({
      phase: 'Succeeded',
      placement: {
        attempt: 2,
        nodeName: status?.targetNode,
        excluded: [{ nodeName: preferred, message: expect.stringContaining('Too many pods') }],
      },
    });
    expect([source, preferred]).not.toContain(status?.targetNode);
    await settledOn('retried', status?.targetNode);
    const events = await berth.cluster.kubectl('get', 'events', '-o', 'json');
    expect(events).toContain(`${preferred}: kube-scheduler refused the node`);
  });
});

describe('goes wrong, and the guest stays where it is', () => {
  test('KubeVirt fails: its words are told', async () => {
    await berth.fleet.addFault({
      kind: 'migration-fail',
      match: 'default/unlucky',
      message: 'no route to host',
    });
    const source = await running('unlucky');
    await berth.migrate('fails', 'unlucky');
    const { status } = await berth.migrated('fails');
    expect(status?.phase).toBe('Failed');
    expect(status?.message).toContain('no route to host');
    expect((await berth.active('unlucky')).status).toMatchObject({ vmState: 'Active', nodeName: source });
    await settledOn('unlucky', source);
  });

  test('it stalls: given up at the deadline', async () => {
    await berth.fleet.addFault({ kind: 'migration-stall', match: 'default/stalled' });
    const source = await running('stalled');
    await berth.migrate('stalls', 'stalled');
    const { status } = await berth.migrated('stalls');
    expect(status?.phase).toBe('Failed');
    expect(status?.message).toContain('took longer than it may');
    expect((await berth.active('stalled')).status?.nodeName).toBe(source);
    await settledOn('stalled', source);
  });

  test('it is cancelled on the way', async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/recalled', delay: '60s' });
    const source = await running('recalled');
    await berth.migrate('cancelled', 'recalled');
    await moving('cancelled');
    await cancel('cancelled');
    expect((await berth.migrated('cancelled')).status).toMatchObject({ phase: 'Cancelled' });
    const instance = await berth.active('recalled');
    expect(instance.status?.nodeName).toBe(source);
    expect(last(instance)).toMatchObject({ name: 'LiveMigrate', result: 'Cancelled' });
    await settledOn('recalled', source);
  });

  test('its InstanceMigration is deleted on the way: the same', async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/orphaned', delay: '60s' });
    const source = await running('orphaned');
    await berth.migrate('deleted', 'orphaned');
    await moving('deleted');
    await berth.client.delete(INSTANCE_MIGRATION, 'default/deleted');
    const instance = await berth.active('orphaned');
    expect(last(instance)).toMatchObject({ name: 'LiveMigrate', result: 'Cancelled' });
    await settledOn('orphaned', source);
  });
});

test('cancelled when it is as good as done: it has moved, and says so', async () => {
  await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/late', delay: '60s' });
  await berth.fleet.addFault({ kind: 'migration-ignore-cancel', match: 'default/late' });
  const source = await running('late');
  await berth.migrate('too-late', 'late');
  await moving('too-late');
  await cancel('too-late');
  const { status } = await berth.migrated('too-late');
  expect(status?.phase).toBe('Succeeded');
  expect(status?.message).toContain('cancelled too late');
  const { nodeName } = (await berth.active('late')).status ?? {};
  expect(nodeName).not.toBe(source);
  await settledOn('late', nodeName);
});

describe('races', () => {
  test('a stop waits until the move has ended, and then stops it there', async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/halted', delay: '2s' });
    const source = await running('halted');
    await berth.migrate('before-stop', 'halted');
    await underWay('halted');
    await berth.patch('halted', { powerState: 'Stopped' });
    expect((await berth.migrated('before-stop')).status?.phase).toBe('Succeeded');
    const { status } = await berth.until(
      'halted',
      (it) => it.status?.vmState === 'Stopped' && !it.status.taskState,
    );
    expect(status?.lastOperations?.slice(0, 2).map(({ name }) => name)).toEqual(['Stop', 'LiveMigrate']);
    expect(status?.nodeName).not.toBe(source);
    await settledOn('halted', status?.nodeName);
  });

  test('deleted on the way: nothing is left', async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/doomed', delay: '60s' });
    await running('doomed');
    await berth.migrate('of-doomed', 'doomed');
    await moving('of-doomed');
    await berth.delete('doomed');
    await berth.gone('doomed');
    expect((await berth.claims()).get('InstanceMigration/of-doomed')).toBeUndefined();
  });

  test('the operator is killed in the middle: the next one goes on', async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/survivor', delay: '4s' });
    const source = await running('survivor');
    await berth.migrate('survives', 'survivor');
    await moving('survives');
    await berth.operators.at(-1)?.kill();
    await berth.operator('second', ['--task-deadline', 'Migrating=60']);
    const { status } = await berth.migrated('survives');
    expect(status).toMatchObject({ phase: 'Succeeded', sourceNode: source });
    await settledOn('survivor', (await berth.active('survivor')).status?.nodeName);
  });
});

test('a hard server group is kept: there is no node left for a third', async () => {
  const group = { metadata: { name: 'apart', namespace: 'default' }, spec: { policy: 'anti-affinity' } };
  await berth.client.create(SERVER_GROUP, group as never);
  const spec = { ...EPHEMERAL, availabilityZone: 'zone-b', serverGroupRef: { name: 'apart' } };
  await Promise.all([running('apart-1', spec), running('apart-2', spec)]);
  await berth.migrate('together', 'apart-1');
  const { status } = await berth.migrated('together');
  expect(status?.phase).toBe('Failed');
  expect(status?.message).toContain('a member of its server group is there');
});

describe('a move that Berth was not asked for', () => {
  const virtctl = (name: string, vmiName: string) =>
    berth.client.create(VMIM, { metadata: { name, namespace: 'default' }, spec: { vmiName } } as never);

  test('is told of like its own: in flight, and how it ended', async () => {
    await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/foreign', delay: '3s' });
    const source = await running('foreign');
    const { metadata } = await virtctl('by-virtctl', 'foreign');
    await underWay('foreign');
    await berth.migrate('meanwhile', 'foreign');
    expect((await berth.migrated('meanwhile')).status?.reason).toBe('OperationInProgress');
    const instance = await berth.active('foreign');
    expect(last(instance)).toMatchObject({
      name: 'LiveMigrate',
      requestId: `req-${metadata.uid}`,
      source: { kind: 'VirtualMachineInstanceMigration', name: 'by-virtctl' },
      sourceNode: source,
      targetNode: instance.status?.nodeName,
      result: 'Succeeded',
    });
    expect(instance.status?.placement).toMatchObject({
      requestId: `req-${metadata.uid}`,
      nodeName: instance.status?.nodeName,
      hosts: 6,
    });
    await settledOn('foreign', instance.status?.nodeName);
  });

  test('and when it fails', async () => {
    await berth.fleet.addFault({ kind: 'migration-fail', match: 'default/alien' });
    const source = await running('alien');
    await virtctl('fails-too', 'alien');
    await underWay('alien');
    const instance = await berth.active('alien');
    expect(last(instance)).toMatchObject({ name: 'LiveMigrate', result: 'Failed', sourceNode: source });
    await settledOn('alien', source);
  });
});
