import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';
import { eventually, eventuallyNone } from '#test/eventually.ts';
import { unsettled } from '#test/mix/settled.ts';

/**
 * The fleet misbehaves in the middle of an operation. What other files play is not played again: a create on nodes that
 * refuse (instances), reboots of deaf guests and silent launchers (actions), a resize that the new node refuses (resize),
 * migrations that fail, stall, or end although they were cancelled (live-migrate), guests on lost nodes (fence, evacuate).
 */
let berth: Berth;

const LONG_MS = 150_000;
const SHARED = onClass('shared', 'ReadWriteMany');
const VOLUME = onClass('immediate');
/** A deaf guest is ended by force after its grace period of 60 s: a stop waits for that, a resize here does not. */
const DEADLINES = ['Pausing=8', 'ResizeMigrating=10', 'Migrating=25', 'ResizeFinish=60'];

beforeAll(async () => {
  const soon = ['kube-controller-manager=--node-monitor-grace-period=8s', 'fleet=--lease-period=1s'];
  berth = await Berth.start({ args: soon, fleetNodes: 9 });
  await berth.flavor('wide', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
  await berth.keepOperator(
    'first',
    DEADLINES.flatMap((it) => ['--task-deadline', it]),
  );
  await berth.allNodesUp();
});
afterAll(() => berth?.stop());

async function running(name: string, spec: Partial<InstanceSpec>): Promise<string> {
  await berth.create(name, spec);
  const { status } = await berth.until(name, isOf('Active'), LONG_MS);
  return status?.nodeName ?? '';
}

const isOf =
  (vmState: string) =>
  ({ status }: Instance): boolean =>
    status?.vmState === vmState && status.taskState === undefined;
const becomes = (name: string, vmState: string) => berth.until(name, isOf(vmState), LONG_MS);
const fault = (kind: string, name: string) => berth.fleet.addFault({ kind, match: `default/${name}` });
const refuseOnce = (name: string) =>
  berth.fleet.addFault({ kind: 'refuse-pod', match: `default/${name}`, times: 1 });
const set = (name: string, spec: object) =>
  berth.client.patch(INSTANCE, `default/${name}`, { spec }, { type: 'merge' });
const last = ({ status }: Instance) => status?.lastOperations?.[0];
const hardReboot = async (name: string) => {
  await berth.action(`${name}-reboot`, name, { reboot: { type: 'Hard' } });
  expect((await berth.ended(`${name}-reboot`, LONG_MS)).status?.phase).toBe('Succeeded');
};
/** The one place that an Instance holds. */
const placeOf = async (name: string) => (await berth.claims()).get(`Instance/${name}`);

describe('a guest that does not listen', () => {
  test.concurrent('to a stop: it is ended by force when its grace period is over', {
    timeout: LONG_MS,
  }, async () => {
    const node = await running('deaf-stop', EPHEMERAL);
    await fault('deaf', 'deaf-stop');
    await set('deaf-stop', { powerState: 'Stopped' });
    const off = await becomes('deaf-stop', 'Stopped');
    expect(last(off)).toMatchObject({ name: 'Stop', result: 'Succeeded' });
    expect(await placeOf('deaf-stop')).toEqual([node]);
  });

  test.concurrent('to a shelve: the same', { timeout: LONG_MS }, async () => {
    await running('deaf-shelve', VOLUME);
    await fault('deaf', 'deaf-shelve');
    await set('deaf-shelve', { shelved: true });
    expect(last(await becomes('deaf-shelve', 'ShelvedOffloaded'))).toMatchObject({ result: 'Succeeded' });
    expect(await placeOf('deaf-shelve')).toBeUndefined();
  });

  test.concurrent('to a resize: given up at its deadline, and back as it was', {
    timeout: LONG_MS,
  }, async () => {
    const node = await running('deaf-resize', VOLUME);
    await fault('deaf', 'deaf-resize');
    await set('deaf-resize', { flavorRef: { name: 'wide' } });
    const back = await berth.until(
      'deaf-resize',
      (it) => isOf('Active')(it) && last(it)?.name === 'Resize',
      LONG_MS,
    );
    expect(last(back)).toMatchObject({
      result: 'Failed',
      message: expect.stringContaining('ResizeMigrating'),
    });
    expect(back.status).toMatchObject({
      nodeName: node,
      flavor: { name: 'tiny' },
      heldFlavor: { name: 'wide' },
    });
    expect(await placeOf('deaf-resize')).toEqual([node]);
  });
});

describe('a node that refuses the pod', () => {
  test.concurrent('of a start: Error with its words; a hard reboot is the way out', {
    timeout: LONG_MS,
  }, async () => {
    const node = await running('no-start', EPHEMERAL);
    await set('no-start', { powerState: 'Stopped' });
    await becomes('no-start', 'Stopped');
    await refuseOnce('no-start');
    await set('no-start', { powerState: 'Running' });
    const { status } = await becomes('no-start', 'Error');
    expect(status?.fault?.code).toBe('StartFailed');
    await hardReboot('no-start');
    const up = await becomes('no-start', 'Active');
    expect(up.status?.fault).toBeUndefined();
    expect(await placeOf('no-start')).toEqual([node]);
  });

  test.concurrent('of a rescue: Error; without the rescue it runs from its root disk again', {
    timeout: LONG_MS,
  }, async () => {
    const node = await running('no-rescue', VOLUME);
    await berth.fleet.write('default/no-rescue', 'on the root disk');
    await refuseOnce('no-rescue');
    await set('no-rescue', { rescue: {} });
    expect((await becomes('no-rescue', 'Error')).status?.fault?.code).toBe('StartFailed');
    await set('no-rescue', { rescue: null });
    expect(last(await becomes('no-rescue', 'Active'))).toMatchObject({
      name: 'Unrescue',
      result: 'Succeeded',
    });
    expect((await berth.fleet.disk('default/no-rescue')).written).toEqual(['on the root disk']);
    expect(await placeOf('no-rescue')).toEqual([node]);
  });

  test.concurrent('of an unshelve: it is told, and asked for again it goes well', {
    timeout: LONG_MS,
  }, async () => {
    await running('no-unshelve', VOLUME);
    await set('no-unshelve', { shelved: true });
    await becomes('no-unshelve', 'ShelvedOffloaded');
    await refuseOnce('no-unshelve');
    await set('no-unshelve', { shelved: false });
    const told = await berth.until(
      'no-unshelve',
      (it) => last(it)?.name === 'Unshelve' || it.status?.vmState === 'Active',
      LONG_MS,
    );
    if (told.status?.vmState !== 'Active') {
      const annotations = { 'compute.berth.dev/request-id': `req-${crypto.randomUUID()}` };
      await berth.client.patch(
        INSTANCE,
        'default/no-unshelve',
        { metadata: { annotations } },
        { type: 'merge' },
      );
    }
    const { status } = await becomes('no-unshelve', 'Active');
    expect(await placeOf('no-unshelve')).toEqual([status?.nodeName]);
  });

  test.concurrent('of the target of a live migration: the guest stays where it is', {
    timeout: LONG_MS,
  }, async () => {
    const node = await running('no-target', SHARED);
    await refuseOnce('no-target');
    await berth.migrate('to-refusing', 'no-target');
    const { status } = await berth.migrated('to-refusing', LONG_MS);
    expect(status?.phase).toBe('Failed');
    expect((await becomes('no-target', 'Active')).status?.nodeName).toBe(node);
    expect(await placeOf('no-target')).toEqual([node]);
  });
});

test('a launcher that does not answer a pause: Error, until a hard reboot', {
  timeout: LONG_MS,
}, async () => {
  const node = await running('mute', EPHEMERAL);
  const { id } = (await fault('subresource-fail', 'mute')) as { id: string };
  await set('mute', { powerState: 'Paused' });
  const { status } = await becomes('mute', 'Error');
  expect(status?.fault).toMatchObject({
    code: 'DeadlineExceeded',
    message: expect.stringContaining('Pausing'),
  });
  await berth.fleet.clearFault(id);
  await set('mute', { powerState: 'Running' });
  await berth.until('mute', ({ metadata, status: it }) => it?.observedGeneration === metadata.generation);
  await hardReboot('mute');
  await becomes('mute', 'Active');
  expect(await placeOf('mute')).toEqual([node]);
});

describe('a node that is lost', () => {
  const node = (name: string) => berth.client.get<ComputeNode>(COMPUTE_NODE, name);
  const untilState = (name: string, state: string) =>
    eventually(async () => expect((await node(name)).status?.state).toBe(state), LONG_MS);

  test('the target of a live migration: the guest stays where it is', { timeout: 2 * LONG_MS }, async () => {
    const name = 'lost-target';
    const home = await running(name, SHARED);
    await berth.fleet.addFault({ kind: 'migration-slow', match: `default/${name}`, delay: '120s' });
    await berth.migrate(`of-${name}`, name);
    const lost = await eventually(async () => {
      const { status } = await berth.migration(`of-${name}`);
      expect(status?.progress?.startTime).toBeDefined();
      return status?.targetNode ?? '';
    }, LONG_MS);
    await berth.fleet.powerOff(lost);
    await untilState(lost, 'Down');
    await berth.fleet.resume(lost);
    await untilState(lost, 'Up');
    await berth.fleet.clearFaults();
    expect((await berth.migrated(`of-${name}`, LONG_MS)).status?.phase).toBe('Failed');
    const after = await berth.until(name, ({ status }) => status?.taskState === undefined, LONG_MS);
    expect(after.status).toMatchObject({ vmState: 'Active', nodeName: home });
    const { status } = await becomes(name, 'Active');
    expect(await placeOf(name)).toEqual([status?.nodeName]);
  });

  test('the one that a guest is moved off: told at once, long before a deadline, and evacuation is the way out', {
    timeout: 2 * LONG_MS,
  }, async () => {
    const name = 'lost-source';
    const home = await running(name, SHARED);
    await berth.fleet.addFault({ kind: 'migration-stall', match: `default/${name}` });
    await berth.migrate(`of-${name}`, name);
    await eventually(async () => {
      const { status } = await berth.migration(`of-${name}`);
      expect(status?.progress?.startTime).toBeDefined();
    }, LONG_MS);
    await berth.fleet.powerOff(home);
    await untilState(home, 'Down');
    const { status } = await berth.migrated(`of-${name}`, LONG_MS);
    expect(status).toMatchObject({ phase: 'Failed', sourceNode: home });
    expect(status?.message).toContain(`${home} is Down`);
    const left = await berth.until(name, (it) => it.status?.taskState === undefined, LONG_MS);
    expect(left.status).toMatchObject({ vmState: 'Active', nodeName: home });
    const fenced = { spec: { fenced: { reason: 'power cut' } } };
    await eventually(() => berth.client.patch(COMPUTE_NODE, home, fenced, { type: 'merge' }), LONG_MS);
    await berth.migrate(`away-${name}`, name, { type: 'Evacuate' });
    expect((await berth.migrated(`away-${name}`, LONG_MS)).status?.phase).toBe('Succeeded');
    const up = await becomes(name, 'Active');
    expect(up.status?.nodeName).not.toBe(home);
    await eventually(async () => expect(await placeOf(name)).toEqual([up.status?.nodeName]), LONG_MS);
    await berth.fleet.clearFaults();
    await berth.fleet.resume(home);
    await untilState(home, 'Up');
    await eventually(async () => {
      const claims = await berth.claims();
      expect([...claims].filter(([owner]) => owner.endsWith(`/of-${name}`))).toEqual([]);
    }, LONG_MS);
  });

  test('that refuses what is evacuated to it: Error, not two places; a hard reboot starts it there', {
    timeout: 2 * LONG_MS,
  }, async () => {
    const home = await running('twice', SHARED);
    await berth.fleet.powerOff(home);
    await untilState(home, 'Down');
    const fenced = { spec: { fenced: { reason: 'power cut' } } };
    await eventually(() => berth.client.patch(COMPUTE_NODE, home, fenced, { type: 'merge' }), LONG_MS);
    await refuseOnce('twice');
    await berth.migrate('away', 'twice', { type: 'Evacuate' });
    const { status } = await berth.migrated('away', LONG_MS);
    expect(status).toMatchObject({ phase: 'Failed', message: expect.stringContaining('did not start') });
    expect((await becomes('twice', 'Error')).status?.nodeName).not.toBe(home);
    await hardReboot('twice');
    const up = await becomes('twice', 'Active');
    expect(await placeOf('twice')).toEqual([up.status?.nodeName]);
    await berth.fleet.resume(home);
    await untilState(home, 'Up');
  });
});

test('in the end every Instance is in a state that the docs name, and nothing is claimed twice or left', {
  timeout: LONG_MS,
}, async () => {
  await berth.fleet.clearFaults();
  await eventuallyNone(() => unsettled(berth.client, berth.fleet), 120_000);
});
