import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { COMPUTE_NODE } from '#api/computenode.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { INSTANCE_ACTION, type InstanceAction } from '#api/instanceaction.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import { actingAs } from '#test/cluster.ts';

/** What is told of an operation: who asked, why it waits, and where the guest's consoles are. */
let berth: Berth;
const users: Record<string, KubeClient> = {};

const WITHIN = { timeout: 120_000, interval: 200 };
const REQUESTED_BY = 'compute.berth.dev/requested-by';
const CHANGED_BY = 'compute.berth.dev/changed-by';

beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('first');
  const { kubectl } = berth.cluster;
  const kinds = ['instances', 'instanceactions', 'instancemigrations'].map((it) => `${it}.compute.berth.dev`);
  const verbs = '--verb=get,list,watch,create,update,patch,delete';
  await kubectl('create', 'clusterrole', 'owner', verbs, `--resource=${kinds.join(',')}`);
  for (const user of ['alice', 'bob']) {
    await kubectl('create', 'clusterrolebinding', user, '--clusterrole=owner', `--user=${user}`);
    users[user] = createClient(actingAs(berth.cluster, user));
  }
  await create('alice', 'web');
  await berth.active('web');
});
afterAll(async () => {
  for (const client of Object.values(users)) await client.close();
  await berth?.stop();
});

const as = (user: string): KubeClient => users[user] ?? berth.client;
const image = { containerDisk: 'quay.io/containerdisks/fedora:41' };

const create = (user: string, name: string, annotations = {}, spec = {}): Promise<Instance> =>
  as(user).create<Instance>(INSTANCE, {
    metadata: { name, namespace: 'default', annotations },
    spec: { flavorRef: { name: 'tiny' }, image, ...EPHEMERAL, ...spec },
  } as never);

const reboot = (user: string, name: string, annotations = {}) =>
  as(user).create<InstanceAction>(INSTANCE_ACTION, {
    metadata: { name, namespace: 'default', annotations },
    spec: { instanceRef: { name: 'web' }, reboot: { type: 'Hard' } },
  } as never);

const set = (user: string, name: string, spec: object) =>
  as(user).patch<Instance>(INSTANCE, `default/${name}`, { spec }, { type: 'merge' });
const annotate = (user: string, kind: typeof INSTANCE, name: string, annotations: object) =>
  as(user).patch(kind, `default/${name}`, { metadata: { annotations } }, { type: 'merge' });

const last = ({ status }: Instance) => status?.lastOperations?.[0];
const held = ({ status }: Instance) => status?.conditions?.find(({ type }) => type === 'SpecHeld');

describe('who asked', () => {
  test('an object names its maker, whatever it says itself, and for ever', async () => {
    await reboot('bob', 'bobs', { [REQUESTED_BY]: 'alice' });
    const { status } = await berth.ended('bobs');
    expect(status).toMatchObject({ phase: 'Succeeded', requestedBy: 'bob' });
    expect(last(await berth.active('web'))).toMatchObject({ name: 'HardReboot', requestedBy: 'bob' });
    await annotate('alice', INSTANCE_ACTION, 'bobs', { [REQUESTED_BY]: 'alice' });
    const { metadata } = await berth.client.get(INSTANCE_ACTION, 'default/bobs');
    expect(metadata.annotations?.[REQUESTED_BY]).toBe('bob');
    const events = await vi.waitFor(async () => {
      const all = await berth.cluster.kubectl(
        'get',
        'events.events.k8s.io',
        '-o',
        'jsonpath={.items[*].note}',
      );
      expect(all).toContain('asked for by bob');
      return all;
    }, WITHIN);
    expect(events).toContain('asked for by alice'); // she made the Instance
  });

  test('a change of the spec names who made it, in the same write; another write does not', async () => {
    const { metadata } = await set('bob', 'web', { powerState: 'Paused' });
    expect(metadata.annotations?.[CHANGED_BY]).toBe(`${metadata.generation}:bob`);
    const paused = await berth.until(
      'web',
      ({ status }) => status?.vmState === 'Paused' && !status.taskState,
    );
    expect(last(paused)).toMatchObject({ name: 'Pause', requestedBy: 'bob' });
    await annotate('alice', INSTANCE, 'web', { note: 'mine', [CHANGED_BY]: `${metadata.generation}:alice` });
    expect((await berth.get('web')).metadata.annotations?.[CHANGED_BY]).toBe(`${metadata.generation}:bob`);
    await set('alice', 'web', { powerState: 'Running' });
    expect(last(await berth.active('web'))).toMatchObject({ name: 'Unpause', requestedBy: 'alice' });
  });

  test('a move that Berth makes itself names Berth', async () => {
    const home = (await berth.active('web')).status?.nodeName ?? '';
    await berth.client.patch(
      COMPUTE_NODE,
      home,
      { spec: { maintenance: { enabled: true } } },
      { type: 'merge' },
    );
    const moved = await berth.until('web', (it) => last(it)?.name === 'LiveMigrate', WITHIN.timeout);
    expect(last(moved)?.requestedBy).toBe('system:serviceaccount:berth-system:berth');
    await berth.client.patch(COMPUTE_NODE, home, { spec: { maintenance: null } }, { type: 'merge' });
  });
});

test('a change that has to wait says what for, and is carried out then', async () => {
  await berth.fleet.addFault({ kind: 'migration-slow', match: 'default/web', delay: '5s' });
  await berth.active('web');
  await berth.migrate('slow', 'web');
  await berth.until('web', ({ status }) => status?.taskState === 'Migrating');
  await set('alice', 'web', { powerState: 'Stopped' });
  const waits = await berth.until('web', (it) => held(it) !== undefined);
  expect(held(waits)).toMatchObject({
    reason: 'OperationInProgress',
    message: expect.stringMatching(/^spec.powerState: waits for the end of LiveMigrate req-/),
  });
  const off = await berth.until('web', ({ status }) => status?.vmState === 'Stopped' && !status.taskState);
  expect(held(off)).toBeUndefined();
  expect(off.status?.consoles).toBeUndefined();
  await berth.fleet.clearFaults();
  await set('alice', 'web', { powerState: 'Running' });
  await berth.active('web');
});

test('a guest that is on says where its consoles are: what KubeVirt serves, and the pod prints', async () => {
  const { status } = await berth.active('web');
  const { serial, vnc, log } = status?.consoles ?? {};
  expect(vnc?.command).toBe('virtctl vnc web --namespace default');
  const { resources } = await berth.client.request<{ resources: { name: string }[] }>(
    'GET',
    '/apis/subresources.kubevirt.io/v1',
  );
  for (const way of [serial, vnc]) {
    const [, kind, subresource] = way?.path.match(/default\/(\w+)\/web\/(\w+)$/) ?? [];
    expect(resources.map(({ name }) => name)).toContain(`${kind}/${subresource}`);
  }
  const [, labelSelector, container] = log?.command.match(/--selector (\S+) --container (\S+)/) ?? [];
  const fields = '{.items[*].spec.initContainers[*].name} {.items[*].spec.containers[*].name}';
  const found = ['get', 'pods', '--selector', `${labelSelector}`, '-o', `jsonpath=${fields}`];
  expect((await berth.cluster.kubectl(...found)).split(' ')).toContain(container);
});

describe('a namespace', () => {
  test('with a locked Instance in it is not deleted, and says so, until that is unlocked', async () => {
    const { kubectl } = berth.cluster;
    await kubectl('create', 'namespace', 'tenants');
    const metadata = { name: 'kept', namespace: 'tenants' };
    const spec = { flavorRef: { name: 'tiny' }, image, ...EPHEMERAL, locked: true };
    await berth.client.create(INSTANCE, { metadata, spec } as never);
    await kubectl('delete', 'namespace', 'tenants', '--wait=false');
    await vi.waitFor(async () => {
      const { status } = JSON.parse(await kubectl('get', 'namespace', 'tenants', '-o', 'json'));
      const failed = status.conditions?.find(
        (it: { type: string }) => it.type === 'NamespaceDeletionContentFailure',
      );
      expect(failed?.message).toContain('the Instance is locked');
    }, WITHIN);
    const key = 'tenants/kept';
    await berth.client.patch(INSTANCE, key, { spec: { locked: false } }, { type: 'merge' });
    await vi.waitFor(async () => expect(await kubectl('get', 'namespaces')).not.toContain('tenants'), WITHIN);
  });
});

describe('while Berth is away', () => {
  test('a name that is made up is refused by the API server; one that says nothing is accepted', async () => {
    await berth.operators.at(-1)?.kill();
    await expect(reboot('bob', 'forged', { [REQUESTED_BY]: 'alice' })).rejects.toThrow('leave it out');
    await expect(create('bob', 'forged', { [CHANGED_BY]: '1:alice' })).rejects.toThrow('leave it out');
    const { metadata } = await set('bob', 'web', { powerState: 'Paused' });
    const as = `${metadata.generation}:alice`;
    await expect(annotate('bob', INSTANCE, 'web', { [CHANGED_BY]: as })).rejects.toThrow('leave it out');
    await reboot('bob', 'unsigned');
    const unsigned = await berth.client.get(INSTANCE_ACTION, 'default/unsigned');
    expect(unsigned.metadata.annotations?.[REQUESTED_BY]).toBeUndefined();
    await expect(annotate('bob', INSTANCE_ACTION, 'unsigned', { [REQUESTED_BY]: 'alice' })).rejects.toThrow(
      'leave it out',
    );
  });

  test('what came in then is carried out, and names nobody', async () => {
    await berth.operator('second');
    const paused = await berth.until(
      'web',
      ({ status }) => status?.vmState === 'Paused' && !status.taskState,
    );
    const pause = paused.status?.lastOperations?.find(({ name }) => name === 'Pause');
    expect(pause?.generation).toBe(paused.metadata.generation);
    expect(pause?.requestedBy).toBeUndefined();
  });
});
