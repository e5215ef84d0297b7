import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { INSTANCE } from '#api/instance.ts';
import { INSTANCE_ACTION, type InstanceAction } from '#api/instanceaction.ts';
import { Berth, EPHEMERAL, onClass } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('first', ['--task-deadline', 'RebootStarted=4', '--task-deadline', 'RebootingHard=3']);
});
afterAll(() => berth?.stop());
afterEach(() => berth.fleet.clearFaults());

async function guestOf(name: string) {
  const guest = (await berth.fleet.guests()).find((it) => it.name === name);
  if (!guest) throw new Error(`the fleet has no guest ${name}`);
  return guest;
}

async function podOf(name: string): Promise<Pod> {
  const labelSelector = `compute.berth.dev/instance=${name}`;
  const { items } = await berth.client.list<Pod>(POD, { namespace: 'default', labelSelector });
  const pod = items.find(({ status }) => status?.phase === 'Running');
  if (!pod) throw new Error(`${name} has no pod that runs`);
  return pod;
}

/** The guest's agent answers: from then on a soft reboot can be seen. */
const withAgent = (name: string) =>
  vi.waitFor(
    async () => {
      const said = await berth.cluster.kubectl(
        'get',
        'vmi',
        name,
        '-o',
        'jsonpath={.status.conditions[*].type}',
      );
      expect(said).toContain('AgentConnected');
    },
    { timeout: 30_000, interval: 200 },
  );

describe('reboot', () => {
  beforeAll(async () => {
    await berth.create('rebooted');
    await berth.active('rebooted');
  });

  test('hard, in place: the same pod, one more boot; told of in status, action and Events', async () => {
    const [guest, pod] = [await guestOf('rebooted'), await podOf('rebooted')];
    await berth.action('hard-1', 'rebooted', { reboot: { type: 'Hard' } });
    const { status } = await berth.ended('hard-1');
    expect(status).toMatchObject({ phase: 'Succeeded', operation: 'HardReboot', nodeName: guest.node });
    expect((await guestOf('rebooted')).boots).toBe(guest.boots + 1);
    expect((await podOf('rebooted')).metadata.uid).toBe(pod.metadata.uid);
    const instance = await berth.active('rebooted');
    expect(instance.status?.lastOperations?.[0]).toMatchObject({
      name: 'HardReboot',
      requestId: status?.requestId,
      source: { kind: 'InstanceAction', name: 'hard-1' },
      result: 'Succeeded',
    });
  });

  test('soft: ends when the agent answers anew', async () => {
    await withAgent('rebooted');
    const { boots } = await guestOf('rebooted');
    await berth.action('soft-1', 'rebooted', { reboot: { type: 'Soft' } });
    expect((await berth.ended('soft-1')).status).toMatchObject({
      phase: 'Succeeded',
      operation: 'SoftReboot',
    });
    expect((await guestOf('rebooted')).boots).toBe(boots + 1);
  });

  test('soft, of a guest that does not listen: it is reset when its time is over', async () => {
    await withAgent('rebooted');
    const { boots } = await guestOf('rebooted');
    await berth.fleet.addFault({ kind: 'deaf', match: 'default/rebooted' });
    await berth.action('soft-2', 'rebooted', { reboot: { type: 'Soft' } });
    await berth.until('rebooted', ({ status }) => status?.taskState === 'RebootStarted');
    expect((await guestOf('rebooted')).boots).toBe(boots);
    expect((await berth.ended('soft-2')).status?.phase).toBe('Succeeded');
    expect((await guestOf('rebooted')).boots).toBe(boots + 1);
  });

  test('hard, of a guest whose launcher does not answer: another pod on the same node', async () => {
    const [guest, pod] = [await guestOf('rebooted'), await podOf('rebooted')];
    await berth.fleet.addFault({ kind: 'subresource-fail', match: 'default/rebooted' });
    await berth.action('hard-2', 'rebooted', { reboot: { type: 'Hard' } });
    expect((await berth.ended('hard-2')).status?.phase).toBe('Succeeded');
    const after = await podOf('rebooted');
    expect(after.metadata.uid).not.toBe(pod.metadata.uid);
    expect(after.spec.nodeName).toBe(guest.node);
  });

  test('goes on where a killed operator left it', async () => {
    await withAgent('rebooted');
    await berth.fleet.addFault({ kind: 'deaf', match: 'default/rebooted' });
    const { boots } = await guestOf('rebooted');
    await berth.action('soft-3', 'rebooted', { reboot: { type: 'Soft' } });
    await berth.until('rebooted', ({ status }) => status?.taskState === 'RebootStarted');
    await berth.operators.at(-1)?.kill();
    await berth.operator('second', ['--task-deadline', 'RebootStarted=4']);
    expect((await berth.ended('soft-3')).status?.phase).toBe('Succeeded');
    expect((await guestOf('rebooted')).boots).toBe(boots + 1);
  });
});

describe('start', () => {
  test('a guest that powered itself off stays off, until an action starts it', async () => {
    await berth.create('sleepy', onClass('immediate'));
    await berth.active('sleepy');
    await berth.fleet.powerOffGuest('default/sleepy');
    await berth.until('sleepy', ({ status }) => status?.vmState === 'Stopped' && !status.taskState);
    await berth.action('start-1', 'sleepy', { start: {} });
    expect((await berth.ended('start-1')).status).toMatchObject({ phase: 'Succeeded', operation: 'Start' });
    await berth.active('sleepy');
  });
});

describe('refused, with the reason', () => {
  beforeAll(async () => {
    await berth.create('busy', onClass('immediate'));
    await berth.active('busy');
  });

  const refusal = async (name: string) => (await berth.ended(name)).status;

  test('what does not start from the state that it is in', async () => {
    await berth.action('start-active', 'busy', { start: {} });
    expect(await refusal('start-active')).toMatchObject({
      phase: 'Refused',
      reason: 'WrongState',
      message: 'the Instance is Active; Start starts from Stopped, Error',
    });
  });

  test('while another operation runs; the refusal names it', async () => {
    await withAgent('busy');
    await berth.fleet.addFault({ kind: 'deaf', match: 'default/busy' });
    await berth.action('soft-busy', 'busy', { reboot: { type: 'Soft' } });
    await berth.until('busy', ({ status }) => status?.taskState === 'RebootStarted');
    await berth.action('soft-too', 'busy', { reboot: { type: 'Soft' } });
    const status = await refusal('soft-too');
    expect(status).toMatchObject({ phase: 'Refused', reason: 'OperationInProgress' });
    expect(status?.message).toContain('SoftReboot req-');
    expect((await berth.ended('soft-busy')).status?.phase).toBe('Succeeded');
  });

  test('a hard reboot takes the place of a soft one', async () => {
    await withAgent('busy');
    await berth.fleet.addFault({ kind: 'deaf', match: 'default/busy' });
    await berth.action('soft-slow', 'busy', { reboot: { type: 'Soft' } });
    await berth.until('busy', ({ status }) => status?.taskState === 'RebootStarted');
    await berth.action('hard-now', 'busy', { reboot: { type: 'Hard' } });
    expect((await berth.ended('hard-now')).status?.phase).toBe('Succeeded');
    const soft = (await berth.ended('soft-slow')).status;
    expect(soft).toMatchObject({ phase: 'Failed' });
    expect(soft?.message).toContain('HardReboot req-');
  });

  test('while it is locked', async () => {
    await berth.patch('busy', { locked: true });
    await berth.action('hard-locked', 'busy', { reboot: { type: 'Hard' } });
    expect(await refusal('hard-locked')).toMatchObject({ phase: 'Refused', reason: 'Locked' });
    await berth.patch('busy', { locked: false });
  });

  test('where the spec says that the guest shall not run', async () => {
    await berth.patch('busy', { powerState: 'Stopped' });
    await berth.until('busy', ({ status }) => status?.vmState === 'Stopped' && !status.taskState);
    await berth.action('hard-stopped', 'busy', { reboot: { type: 'Hard' } });
    const status = await refusal('hard-stopped');
    expect(status).toMatchObject({ phase: 'Refused', reason: 'NotPossible' });
    expect(status?.message).toContain('spec.powerState is Stopped');
    await berth.patch('busy', { powerState: 'Running' });
    await berth.active('busy');
  });

  test('for an Instance that is not there', async () => {
    await berth.action('nobody', 'nobody', { start: {} });
    expect(await refusal('nobody')).toMatchObject({ phase: 'Refused', reason: 'InstanceNotFound' });
  });
});

describe('an action is one request, however often its file is applied', () => {
  const hard = { reboot: { type: 'Hard' } } as const;
  beforeAll(async () => {
    await berth.create('gitops', EPHEMERAL);
    await berth.active('gitops');
    await berth.action('once', 'gitops', hard);
    await berth.ended('once');
  });

  test('deleted and applied anew it is remembered, and not carried out again', async () => {
    const { boots } = await guestOf('gitops');
    const first = await berth.client.get<InstanceAction>(INSTANCE_ACTION, 'default/once');
    await berth.client.delete(INSTANCE_ACTION, 'default/once');
    await berth.action('once', 'gitops', hard);
    const { status } = await berth.ended('once');
    expect(status).toMatchObject({ phase: 'Succeeded', requestId: first.status?.requestId });
    expect((await guestOf('gitops')).boots).toBe(boots);
  });

  test('under another name it is another request', async () => {
    const { boots } = await guestOf('gitops');
    await berth.action('twice', 'gitops', hard);
    await berth.ended('twice');
    expect((await guestOf('gitops')).boots).toBe(boots + 1);
  });

  test('it cannot be changed, and one that was cancelled before it began never does', async () => {
    await expect(
      berth.client.patch(INSTANCE_ACTION, 'default/once', { spec: { start: {} } }, { type: 'merge' }),
    ).rejects.toThrow('it asks once: create another one');
    const { boots } = await guestOf('gitops');
    await berth.action('never', 'gitops', { ...hard, cancel: true });
    expect((await berth.ended('never')).status?.phase).toBe('Cancelled');
    expect((await guestOf('gitops')).boots).toBe(boots);
  });

  test('one with a time to live goes by itself', async () => {
    await berth.action('brief', 'gitops', { ...hard, ttlSecondsAfterFinished: 1 });
    await vi.waitFor(async () => expect(await berth.exists(INSTANCE_ACTION, 'brief')).toBe(false), {
      timeout: 30_000,
      interval: 200,
    });
    const { status } = await berth.get('gitops');
    expect(status?.lastOperations?.[0]).toMatchObject({ source: { name: 'brief' }, result: 'Succeeded' });
  });
});

describe('lasting states', () => {
  test('Suspended holds the guest, Running lets it go on', async () => {
    await berth.create('held');
    await berth.active('held');
    await berth.patch('held', { powerState: 'Suspended' });
    await berth.until('held', ({ status }) => status?.vmState === 'Suspended' && !status.taskState);
    expect((await guestOf('held')).state).toBe('Paused');
    await berth.patch('held', { powerState: 'Running' });
    const { status } = await berth.active('held');
    expect(status?.lastOperations?.slice(0, 2).map(({ name }) => name)).toEqual(['Resume', 'Suspend']);
  });

  test('shelved, it holds no place; unshelved, it has one again, and the same disk', async () => {
    await berth.create('shelf', onClass('immediate'));
    await berth.active('shelf');
    const disk = await berth.cluster.kubectl('get', 'pvc', 'shelf-root', '-o', 'jsonpath={.metadata.uid}');
    await berth.patch('shelf', { shelved: true });
    const off = await berth.until('shelf', ({ status }) => status?.vmState === 'ShelvedOffloaded');
    expect(off.status).toMatchObject({ shelved: true, powerState: 'Shutdown' });
    expect(off.status?.nodeName).toBeUndefined();
    expect((await berth.claims()).get('Instance/shelf')).toBeUndefined();
    await berth.patch('shelf', { shelved: false });
    const { status } = await berth.active('shelf');
    expect(status?.lastOperations?.slice(0, 2).map(({ name }) => name)).toEqual(['Unshelve', 'Shelve']);
    expect((await berth.claims()).get('Instance/shelf')).toEqual([status?.nodeName]);
    expect(await berth.cluster.kubectl('get', 'pvc', 'shelf-root', '-o', 'jsonpath={.metadata.uid}')).toBe(
      disk,
    );
    await berth.client.delete(INSTANCE, 'default/shelf');
    await berth.gone('shelf');
  });
});
