import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { VMIM } from '#adapters/kubevirt/types.ts';
import { COMPUTE_NODE } from '#api/computenode.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { SCHEDULER_PROFILE, type SchedulerProfile } from '#api/schedulerprofile.ts';
import { SERVER_GROUP, type ServerGroup, type ServerGroupSpec } from '#api/servergroup.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

const NODES = ['node-001', 'node-002', 'node-003'];
const WAIT = { timeout: 30_000, interval: 100 };

let berth: Berth;
let made: string[] = [];

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: NODES.length, fleetZones: 1 });
  await berth.operator('groups');
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await Promise.all(made.map((name) => berth.delete(name).catch(() => undefined)));
  await Promise.all(made.map((name) => berth.gone(name)));
  made = [];
});

const create = (name: string, spec: Partial<InstanceSpec> = {}): Promise<Instance> => {
  made.push(name);
  return berth.create(name, { ...EPHEMERAL, ...spec });
};
const member = (name: string, group: string) => create(name, { serverGroupRef: { name: group } });
const makeGroup = (name: string, spec: ServerGroupSpec) =>
  berth.client.create(SERVER_GROUP, { metadata: { name, namespace: 'default' }, spec });
const patchGroup = (name: string, spec: object) =>
  berth.client.patch(SERVER_GROUP, `default/${name}`, { spec }, { type: 'merge' });

const nodeOf = async (name: string) => (await berth.active(name)).status?.nodeName;
const nodesOf = async (names: string[]) => (await Promise.all(names.map(nodeOf))).toSorted();
const names = (stem: string, count: number) => Array.from({ length: count }, (_, i) => `${stem}-${i}`);

const readyOf = ({ status }: Pick<Instance, 'status'>) =>
  status?.conditions?.find(({ type }) => type === 'Ready');
const waitsFor = (name: string, reason: string) =>
  berth.until(name, (instance) => readyOf(instance)?.reason === reason);

const untilGroup = (name: string, holds: (group: ServerGroup) => void) =>
  vi.waitFor(async () => holds(await berth.client.get<ServerGroup>(SERVER_GROUP, `default/${name}`)), WAIT);
const groupReady = ({ status }: ServerGroup) => status?.conditions?.find(({ type }) => type === 'Ready');

describe('anti-affinity', () => {
  test('members made at one moment are on as many nodes; one more waits, until its rule allows two on a node', async () => {
    await makeGroup('apart', { policy: 'anti-affinity' });
    const all = names('apart', 4);
    await Promise.all(all.map((name) => member(name, 'apart')));
    const stuck = await vi.waitFor(async () => {
      const instances = await Promise.all(all.map((name) => berth.get(name)));
      const waiting = instances.filter((it) => readyOf(it)?.reason === 'NoValidHost');
      expect(waiting).toHaveLength(1);
      return waiting[0];
    }, WAIT);
    expect(readyOf(stuck as Instance)?.message).toContain('a member of its server group is there 3');
    const placed = all.filter((name) => name !== stuck?.metadata.name);
    expect(await nodesOf(placed)).toEqual(NODES);
    await untilGroup('apart', (group) => {
      expect(group.status).toMatchObject({ memberCount: 4, violations: [] });
      expect(group.status?.members?.flatMap(({ nodeName }) => nodeName ?? []).toSorted()).toEqual(NODES);
      expect(groupReady(group)).toMatchObject({ status: 'True', reason: 'InForce' });
    });

    await patchGroup('apart', { rules: { maxServerPerHost: 2 } });
    const shared = await nodeOf(stuck?.metadata.name ?? '');
    await patchGroup('apart', { rules: { maxServerPerHost: 1 } });
    await untilGroup('apart', (group) => {
      expect(group.status?.violations).toMatchObject([{ nodeName: shared, members: 2 }]);
      expect(groupReady(group)).toMatchObject({ status: 'False', reason: 'PolicyViolated' });
    });
  });

  test('one that waits is placed when a member goes', async () => {
    await makeGroup('relay', { policy: 'anti-affinity' });
    await Promise.all(names('relay', 3).map((name) => member(name, 'relay')));
    expect(await nodesOf(names('relay', 3))).toEqual(NODES);
    await member('relay-next', 'relay');
    await waitsFor('relay-next', 'NoValidHost');
    const freed = await nodeOf('relay-1');
    await berth.delete('relay-1');
    expect(await nodeOf('relay-next')).toBe(freed);
  });

  test('a live migration that Berth did not start keeps to it', async () => {
    const migrate = (vmiName: string, name: string) =>
      berth.client.create(VMIM, { metadata: { name, namespace: 'default' }, spec: { vmiName } });
    await makeGroup('moving', { policy: 'anti-affinity' });
    await Promise.all(names('moving', 3).map((name) => member(name, 'moving')));
    expect(await nodesOf(names('moving', 3))).toEqual(NODES);
    const source = await nodeOf('moving-0');
    await migrate('moving-0', 'refused');
    await vi.waitFor(async () => expect(await berth.exists(VMIM, 'refused')).toBe(false), WAIT);
    const events = await berth.cluster.kubectl(
      'get',
      'events.events.k8s.io',
      '-o',
      'jsonpath={.items[*].note}',
    );
    expect(events).toContain('migration refused is cancelled: 0 of 3 hosts fit');
    expect(await nodeOf('moving-0')).toBe(source);

    const freed = await nodeOf('moving-2');
    await berth.delete('moving-2');
    await berth.gone('moving-2');
    await migrate('moving-0', 'taken');
    const moved = await berth.until('moving-0', ({ status }) => status?.nodeName === freed);
    expect(moved.status?.vmState).toBe('Active');
    await untilGroup('moving', ({ status }) => {
      expect(status?.members).toContainEqual({ name: 'moving-0', nodeName: freed });
      expect(status?.violations).toEqual([]);
    });
  });
});

test('affinity: members made at one moment, and a later one, are on one node', async () => {
  await makeGroup('together', { policy: 'affinity' });
  await Promise.all(names('together', 3).map((name) => member(name, 'together')));
  const [home] = await nodesOf(names('together', 3));
  await member('together-late', 'together');
  expect(await nodesOf([...names('together', 3), 'together-late'])).toEqual([home, home, home, home]);
});

/** A profile that prefers by nothing but the soft policies: no load that is left on a node tips the scale. */
const SOFT_ONLY = 'soft-only';
async function makeSoftOnlyProfile(): Promise<void> {
  const weighers = [
    { name: 'ServerGroupSoftAffinityWeigher' as const },
    { name: 'ServerGroupSoftAntiAffinityWeigher' as const },
  ];
  await berth.client.create(SCHEDULER_PROFILE, { metadata: { name: SOFT_ONLY }, spec: { weighers } });
  await vi.waitFor(async () => {
    const { status } = await berth.client.get<SchedulerProfile>(SCHEDULER_PROFILE, SOFT_ONLY);
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('InForce');
  }, WAIT);
}

test('soft policies prefer, and give way', async () => {
  await makeSoftOnlyProfile();
  const softly = (name: string, group: string) =>
    create(name, { serverGroupRef: { name: group }, schedulerProfile: SOFT_ONLY });
  await makeGroup('spread', { policy: 'soft-anti-affinity' });
  await makeGroup('gather', { policy: 'soft-affinity' });
  const [spread, gather] = [names('spread', 4), names('gather', 2)];
  await Promise.all(spread.map((name) => softly(name, 'spread')));
  expect(new Set(await nodesOf(spread))).toEqual(new Set(NODES));
  await Promise.all(gather.map((name) => softly(name, 'gather')));
  const [home] = await nodesOf(gather);
  expect(await nodesOf(gather)).toEqual([home, home]);
  await berth.client.patch(COMPUTE_NODE, home ?? '', { spec: { disabled: true } }, { type: 'merge' });
  await softly('gather-away', 'gather');
  expect(await nodeOf('gather-away')).not.toBe(home);
  await berth.client.patch(COMPUTE_NODE, home ?? '', { spec: { disabled: false } }, { type: 'merge' });
});

describe('a group that is not there', () => {
  test('is waited for, by name of the field', async () => {
    await member('early', 'late-group');
    const waits = await waitsFor('early', 'ServerGroupNotFound');
    expect(readyOf(waits)?.message).toContain('spec.serverGroupRef: ServerGroup late-group does not exist');
    await makeGroup('late-group', { policy: 'affinity' });
    await berth.active('early');
  });

  test('because it was deleted leaves its members running, and has them again when it comes back', async () => {
    await makeGroup('brief', { policy: 'anti-affinity' });
    await Promise.all(names('brief', 3).map((name) => member(name, 'brief')));
    expect(await nodesOf(names('brief', 3))).toEqual(NODES);
    await berth.client.delete(SERVER_GROUP, 'default/brief');
    await member('brief-more', 'brief');
    await waitsFor('brief-more', 'ServerGroupNotFound');
    expect(await nodesOf(names('brief', 3))).toEqual(NODES);
    await makeGroup('brief', { policy: 'anti-affinity' });
    await waitsFor('brief-more', 'NoValidHost');
    await untilGroup('brief', ({ status }) => expect(status?.memberCount).toBe(4));
  });
});

describe('scheduler hints', () => {
  test('sameHost and differentHost name Instances', async () => {
    await create('anchor');
    const home = await nodeOf('anchor');
    await create('beside', { schedulerHints: { sameHost: ['anchor'] } });
    await create('away', { schedulerHints: { differentHost: ['anchor'] } });
    expect(await nodeOf('beside')).toBe(home);
    expect(await nodeOf('away')).not.toBe(home);
  });

  test('an Instance that a hint names is waited for', async () => {
    await create('follower', { schedulerHints: { sameHost: ['leader'] } });
    const waits = await waitsFor('follower', 'InstanceNotFound');
    expect(readyOf(waits)?.message).toContain('spec.schedulerHints.sameHost: Instance leader does not exist');
    await create('leader');
    expect(await nodeOf('follower')).toBe(await nodeOf('leader'));
  });
});

describe('spec.nodeName', () => {
  const apply = async (name: string, nodeName: string, user: string) => {
    const file = join(berth.cluster.dir, `${name}.json`);
    const image = { containerDisk: 'quay.io/containerdisks/fedora:41' };
    const spec = { flavorRef: { name: 'tiny' }, image, rootDisk: { ephemeral: true }, nodeName };
    const metadata = { name, namespace: 'default' };
    const object = { apiVersion: 'compute.berth.dev/v1alpha1', kind: 'Instance', metadata, spec };
    await writeFile(file, JSON.stringify(object));
    return berth.cluster.kubectl('create', '-f', file, '--as', user);
  };
  const allow = async (user: string, role: string, ...rules: string[]) => {
    await berth.cluster.kubectl('create', 'role', role, '-n', 'default', ...rules);
    await berth.cluster.kubectl(
      'create',
      'rolebinding',
      role,
      '-n',
      'default',
      '--role',
      role,
      '--user',
      user,
    );
  };

  beforeAll(async () => {
    const instances = ['--verb=*', '--resource=instances.compute.berth.dev'];
    await allow('plain', 'plain', ...instances);
    await allow('admin', 'admin-instances', ...instances);
    await allow('admin', 'admin-pins', '--verb=pin', '--resource=instances.compute.berth.dev/nodename');
  });

  test('is refused to a user without the verb, whatever else the user may', async () => {
    await vi.waitFor(
      () =>
        expect(apply('cheeky', 'node-002', 'plain')).rejects.toThrow(
          /spec\.nodeName is for administrators: naming a node needs the verb pin on instances\/nodename/,
        ),
      WAIT,
    );
    expect(await berth.exists(INSTANCE, 'cheeky')).toBe(false);
  });

  test('is where the Instance goes for one who has it, unless another filter turns that node away', async () => {
    made.push('chosen', 'refused');
    await apply('chosen', 'node-002', 'admin');
    expect(await nodeOf('chosen')).toBe('node-002');
    await berth.client.patch(COMPUTE_NODE, 'node-003', { spec: { disabled: true } }, { type: 'merge' });
    await apply('refused', 'node-003', 'admin');
    const waits = await waitsFor('refused', 'NoValidHost');
    expect(readyOf(waits)?.message).toMatch(/not the requested host 2.*disabled 1/);
    await berth.client.patch(COMPUTE_NODE, 'node-003', { spec: { disabled: false } }, { type: 'merge' });
    expect(await nodeOf('refused')).toBe('node-003');
  });
});
