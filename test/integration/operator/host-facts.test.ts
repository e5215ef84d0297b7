import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { NODE, type Node } from '#adapters/kubernetes/types.ts';
import { HOST_AGGREGATE } from '#api/hostaggregate.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { SCHEDULER_PROFILE, type SchedulerProfile } from '#api/schedulerprofile.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

const WAIT = { timeout: 45_000, interval: 100 };
const FEDORA = 'quay.io/containerdisks/fedora:41';

let berth: Berth;
let made: string[] = [];

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 1 });
  await berth.operator('host-facts');
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await berth.fleet.clearFaults();
  await Promise.all(made.map((name) => berth.delete(name).catch(() => undefined)));
  await Promise.all(made.map((name) => berth.gone(name)));
  made = [];
});

const create = (name: string, spec: Partial<InstanceSpec> = {}): Promise<Instance> => {
  made.push(name);
  return berth.create(name, { ...EPHEMERAL, ...spec });
};
const nodeOf = async (name: string) => (await berth.active(name)).status?.nodeName;
const readyOf = ({ status }: Pick<Instance | SchedulerProfile, 'status'>) =>
  status?.conditions?.find(({ type }) => type === 'Ready');
const waits = (name: string) => berth.until(name, (it) => readyOf(it)?.reason === 'NoValidHost');
const image = (properties: Record<string, string>, containerDisk = FEDORA): Partial<InstanceSpec> => ({
  image: { containerDisk, properties },
});

/** A profile in which nothing weighs but this. */
async function profile(name: string, spec: object): Promise<{ schedulerProfile: string }> {
  await berth.client.create(SCHEDULER_PROFILE, { metadata: { name }, spec: { weighers: [], ...spec } });
  await vi.waitFor(async () => {
    const made = await berth.client.get<SchedulerProfile>(SCHEDULER_PROFILE, name);
    expect(readyOf(made)?.reason).toBe('InForce');
  }, WAIT);
  return { schedulerProfile: name };
}

describe('failed builds', () => {
  test('keep guests from a node until one is built there, also after a restart of the operator', async () => {
    const penal = await profile('penal', { weighers: [{ name: 'BuildFailureWeigher' }] });
    await berth.fleet.addFault({ kind: 'refuse-pod', node: 'node-001' });
    await vi.waitFor(async () => {
      const name = `refused-${made.length}`; // a node that has just come up is left out for a moment
      await create(name, penal);
      const { status } = await berth.active(name);
      expect(status?.placement?.excluded?.map(({ nodeName }) => nodeName)).toEqual(['node-001']);
      expect(status?.nodeName).toBe('node-002');
    }, WAIT);
    await berth.fleet.clearFaults();

    await create('avoiding', penal);
    expect(await nodeOf('avoiding')).toBe('node-002');
    expect((await berth.get('avoiding')).status?.placement?.attempt).toBe(1);

    await berth.operators.at(-1)?.stop();
    await berth.operator('host-facts-again');
    await create('remembering', penal);
    expect(await nodeOf('remembering')).toBe('node-002');

    await create('sent-there', { ...penal, nodeName: 'node-001' });
    expect(await nodeOf('sent-there')).toBe('node-001');
    await create('trusting', penal);
    expect(await nodeOf('trusting')).toBe('node-001');
  });
});

describe('I/O operations', () => {
  test('an Instance that is being built keeps others from its node, until it is built', async () => {
    const calm = await profile('calm', { filters: [{ name: 'IoOpsFilter', args: { maxIoOpsPerHost: 1 } }] });
    await berth.fleet.addFault({ kind: 'slow-start', match: 'default/slow-*', delay: '1h' });
    for (const name of ['slow-1', 'slow-2', 'slow-3']) await create(name, calm);
    await vi.waitFor(async () => expect(new Set((await berth.claims()).values()).size).toBe(3), WAIT);
    await create('patient', calm);
    expect(readyOf(await waits('patient'))?.message).toContain('I/O operations 3');

    await berth.fleet.clearFaults();
    await berth.delete('slow-2');
    expect(await nodeOf('patient')).toBeDefined();
    await create('next', calm);
    expect(await nodeOf('next')).toBeDefined();
  });

  test('by the limit of an aggregate, on its members alone', async () => {
    const name = 'one-at-a-time';
    await berth.client.create(HOST_AGGREGATE, {
      metadata: { name },
      spec: { nodes: ['node-001', 'node-002'], metadata: { max_io_ops_per_host: '0' } },
    });
    try {
      const limited = await profile('limited', {
        filters: [{ name: 'AggregateIoOpsFilter', args: { maxIoOpsPerHost: null } }],
      });
      await create('elsewhere', limited);
      expect(await nodeOf('elsewhere')).toBe('node-003');
    } finally {
      await berth.client.delete(HOST_AGGREGATE, name);
    }
  });

  test('the weigher keeps builds apart', async () => {
    const apart = await profile('apart', { weighers: [{ name: 'IoOpsWeigher' }] });
    await berth.fleet.addFault({ kind: 'slow-start', match: 'default/busy', delay: '1h' });
    await create('busy', apart);
    await vi.waitFor(
      async () => expect((await berth.claims()).get('Instance/busy')).toEqual(['node-001']),
      WAIT,
    );
    await create('apart', apart);
    expect(await nodeOf('apart')).toBe('node-002');
    await create('again', apart);
    expect(await nodeOf('again')).toBe('node-002');
  });
});

describe('images', () => {
  test('a node that holds the image goes before those that do not', async () => {
    const local = await profile('local', { weighers: [{ name: 'ImageLocalityWeigher', multiplier: 1 }] });
    const disk = 'quay.io/containerdisks/debian:13';
    await create('puller', { nodeName: 'node-003', image: { containerDisk: disk } });
    await berth.active('puller');
    await vi.waitFor(async () => {
      const { status } = await berth.client.get<Node>(NODE, 'node-003');
      expect(status?.images?.flatMap(({ names }) => names)).toContain(disk);
    }, WAIT);
    await create('local', { ...local, image: { containerDisk: disk } });
    expect(await nodeOf('local')).toBe('node-003');
    await create('other', { ...local, image: { containerDisk: 'quay.io/containerdisks/arch:1' } });
    expect(await nodeOf('other')).toBe('node-001');
  });
});

describe('image properties', () => {
  test('an architecture that only one node has leads there, and to a guest of it', async () => {
    const architecture = (name: string) =>
      berth.client.patch(
        NODE,
        'node-002',
        { status: { nodeInfo: { architecture: name } } },
        { type: 'merge', subresource: 'status' },
      );
    await architecture('arm64');
    try {
      await create('x86', { ...image({ hw_architecture: 'amd64' }), nodeName: 'node-002' });
      expect(readyOf(await waits('x86'))?.message).toContain('image not supported 1');
      await create('armed', image({ hw_architecture: 'aarch64' }));
      const told = await berth.until('armed', ({ status }) => status?.placement?.nodeName === 'node-002');
      // KubeVirt of another architecture wants its gate MultiArchitecture for such a guest, and says so.
      const word = await berth.until('armed', (it) => readyOf(it)?.reason === 'ActionFailed');
      expect(readyOf(word)?.message).toMatch(/MultiArchitecture feature gate is not enabled.*architecture/);
      expect(told.status?.placement?.filters).toContainEqual({
        name: 'ImagePropertiesFilter',
        passed: 1,
        rejected: [{ reason: 'ImageUnsupported', count: 2 }],
      });
    } finally {
      await architecture('amd64');
    }
  });

  test('bring like to like where a profile weighs them', async () => {
    const likes = await profile('likes', { weighers: [{ name: 'ImagePropertiesWeigher', multiplier: 1 }] });
    await create('windows-1', { ...image({ os_type: 'Windows' }), nodeName: 'node-003' });
    await berth.active('windows-1');
    await create('windows-2', { ...likes, ...image({ os_type: 'windows' }) });
    expect(await nodeOf('windows-2')).toBe('node-003');
    await create('linux', { ...likes, ...image({ os_type: 'linux' }) });
    expect(await nodeOf('linux')).toBe('node-001');
  });

  test('are held against those of an aggregate', async () => {
    const name = 'for-windows';
    await berth.client.create(HOST_AGGREGATE, {
      metadata: { name },
      spec: { nodes: ['node-001', 'node-002'], metadata: { os_type: 'windows' } },
    });
    try {
      await create('penguin', image({ os_type: 'linux' }));
      expect(await nodeOf('penguin')).toBe('node-003');
    } finally {
      await berth.client.delete(HOST_AGGREGATE, name);
    }
  });
});

describe('capabilities', () => {
  test('a CPU feature that a Flavor asks for is looked for among those of the node', async () => {
    const label = 'cpu-feature.node.kubevirt.io/sgx';
    await berth.flavor('enclave', {
      vcpus: 1,
      memory: '1Gi',
      extraSpecs: {
        'capabilities:cpu_info:features': '<in> sgx',
        'capabilities:cpu_info:arch': 'x86_64',
        'capabilities:hypervisor_type': 'QEMU',
      },
    });
    await create('enclave', { flavorRef: { name: 'enclave' } });
    expect(readyOf(await waits('enclave'))?.message).toContain('other capability 3');
    await berth.cluster.kubectl('label', 'node', 'node-002', `${label}=true`);
    expect(await nodeOf('enclave')).toBe('node-002');
  });
});
