import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ClusterPlacementProbe } from '#api/clusterplacementprobe.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { API_VERSION } from '#api/constants.ts';
import { FLAVOR, type Flavor } from '#api/flavor.ts';
import type { PlacementProbe } from '#api/placementprobe.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import type { OperatorProcess } from '#test/operator-process.ts';

type Probe = PlacementProbe & ClusterPlacementProbe;

let berth: Berth;
let operator: OperatorProcess;

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 4, fleetZones: 2 });
  operator = await berth.operator('prober');
});
afterAll(() => berth?.stop());

const image = { containerDisk: 'quay.io/containerdisks/fedora:41' };
const tiny = { flavorRef: { name: 'tiny' }, image, rootDisk: { ephemeral: true } };
const kubectl = (...args: string[]) => berth.cluster.kubectl(...args);

const owners = (name: string, spec: object) => ({
  apiVersion: API_VERSION,
  kind: 'PlacementProbe',
  metadata: { name, namespace: 'default' },
  spec,
});
const operators = (name: string, spec: object) => ({
  apiVersion: API_VERSION,
  kind: 'ClusterPlacementProbe',
  metadata: { name },
  spec,
});

/** As a user does: a file, kubectl apply. */
async function apply(object: { metadata: { name: string } }, ...flags: string[]): Promise<string> {
  const path = join(berth.cluster.dir, `${object.metadata.name}.json`);
  await writeFile(path, JSON.stringify(object));
  return kubectl('apply', '-f', path, ...flags);
}

async function read({ kind, metadata }: ReturnType<typeof owners | typeof operators>): Promise<Probe> {
  return JSON.parse(await kubectl('get', kind, metadata.name, '-n', 'default', '-o', 'json'));
}

/** Applies it, waits for its answer, and reads that. */
async function ask(probe: ReturnType<typeof owners | typeof operators>): Promise<Probe> {
  await apply(probe);
  const { kind, metadata } = probe;
  await kubectl('wait', '--for=condition=Ready', '-n', 'default', `${kind}/${metadata.name}`);
  return read(probe);
}

/** Resolves once the operator has seen it. */
async function change(nodeName: string, spec: object): Promise<void> {
  await berth.client.patch(COMPUTE_NODE, nodeName, { spec }, { type: 'merge' });
  await vi.waitFor(async () => {
    const { metadata, status } = await berth.client.get<ComputeNode>(COMPUTE_NODE, nodeName);
    expect(status?.observedGeneration).toBe(metadata.generation);
  });
}

const messageOf = ({ status }: Probe, type = 'Ready') =>
  status?.conditions?.find((condition) => condition.type === type)?.message;

describe('an owner asks', () => {
  const probe = owners('would-it-fit', { instance: { ...tiny, availabilityZone: 'zone-a' } });

  test('whether an Instance would fit: counts and reasons, and no host', async () => {
    const { status } = await ask(probe);
    expect(status).toMatchObject({
      hosts: 4,
      fits: 2,
      availabilityZone: 'zone-a',
      profile: 'default',
      requestId: expect.stringMatching(/^req-/),
    });
    const zones = status?.filters?.find(({ name }) => name === 'AvailabilityZoneFilter');
    expect(zones).toEqual({
      name: 'AvailabilityZoneFilter',
      passed: 2,
      rejected: [{ reason: 'OtherZone', count: 2 }],
    });
    expect(JSON.stringify(status)).not.toMatch(/node-\d/);
  });

  test('and reads it in the columns', async () => {
    const columns = (await kubectl('get', 'pp', 'would-it-fit', '-o', 'wide')).split('\n')[1];
    expect(columns).toMatch(/^would-it-fit +True +2 +4 +zone-a +Answered +2 of 4 hosts fit: Availability/);
  });

  test('and nothing is created, claimed or written for it', async () => {
    expect(await kubectl('get', 'instances,vm,pods', '-n', 'default', '-o', 'name')).toBe('');
    expect((await berth.claims()).size).toBe(0);
    const written = (await berth.writes()).filter(({ objectRef }) => objectRef?.name === 'would-it-fit');
    expect(written.map(({ objectRef }) => `${objectRef?.resource}/${objectRef?.subresource}`)).toEqual([
      'placementprobes/status',
    ]);
  });

  test('and the log has the hosts, under the request id', async () => {
    const { status } = await read(probe);
    const line = operator.log.find(({ requestId }) => requestId === status?.requestId);
    expect(line?.msg).toMatch(/^would go to node-\d+; 2 of 4 hosts fit.*; best: node-\d/);
  });

  test('once: the same file applied again changes nothing', async () => {
    const before = await read(probe);
    expect(await apply(probe)).toContain('unchanged');
    await ask(owners('later', { instance: tiny }));
    expect((await read(probe)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  test('what does not fit is said with the reasons', async () => {
    const instance = { ...tiny, flavorRef: { name: 'massive' } };
    const answered = await ask(owners('too-large', { instance }));
    const fits = answered.status?.conditions?.find(({ type }) => type === 'Fits');
    expect(fits).toMatchObject({ status: 'False', reason: 'NoValidHost' });
    expect(fits?.message).toMatch(/^0 of 4 hosts fit: ResourceFit turned away 4 \(more vcpus than it has 4/);
    expect(JSON.stringify(answered.status)).not.toMatch(/node-\d/);
  });

  test('before the Flavor is there: answered once it is', async () => {
    const early = owners('early', { instance: { ...tiny, flavorRef: { name: 'to-come' } } });
    await apply(early);
    await kubectl('wait', '--for=jsonpath={.status.conditions[0].reason}=FlavorNotFound', 'pp/early');
    await berth.flavor('to-come', { vcpus: 1, memory: '1Gi' });
    await kubectl('wait', '--for=condition=Fits', 'pp/early');
  });

  test('and has the probe deleted after its time', async () => {
    await apply(owners('short-lived', { instance: tiny, ttlSeconds: 1 }));
    await kubectl('wait', '--for=delete', 'pp/short-lived', '--timeout=30s');
  });

  test('but cannot ask for hosts: that is a kind of its own', async () => {
    const verbs = ['--verb=create,get,list', '--resource=placementprobes'];
    await kubectl('create', 'role', 'prober', '-n', 'default', ...verbs);
    await kubectl('create', 'rolebinding', 'prober', '-n', 'default', '--role=prober', '--user=alice');
    expect(await apply(owners('alices', { instance: tiny }), '--as=alice')).toContain('created');
    const reaching = operators('reaching', { namespace: 'default', instance: tiny });
    await expect(apply(reaching, '--as=alice')).rejects.toThrow(/forbidden/);
  });
});

describe('an operator asks', () => {
  test('where it would go: there it goes', async () => {
    const { status } = await ask(operators('where', { namespace: 'default', instance: tiny }));
    expect(status?.best?.length).toBe(4);
    expect(status?.best?.[0]?.nodeName).toBe(status?.nodeName);
    const ram = status?.best?.[0]?.weighers?.find(({ name }) => name === 'RAMWeigher');
    expect(ram?.raw).toBeGreaterThan(0);
    await berth.create('follows', EPHEMERAL);
    expect((await berth.active('follows')).status?.nodeName).toBe(status?.nodeName);
  });

  test('why not this node, of an Instance that there is; its own may be asked about, too', async () => {
    const home = (await berth.get('follows')).status?.nodeName ?? '';
    const [closed = '', open = ''] = ['node-001', 'node-002', 'node-003'].filter((name) => name !== home);
    await change(closed, { disabled: true, disabledReason: 'new disks' });
    const question = { namespace: 'default', instanceRef: { name: 'follows' } };
    const nodeNames = [closed, open, home, 'node-999'];
    const { status } = await ask(operators('why-not', { ...question, nodeNames }));
    const verdicts = new Map(status?.nodes?.map((node) => [node.nodeName, node]));
    expect(verdicts.get(closed)?.verdict).toBe('Refused');
    expect(verdicts.get(closed)?.filters).toContainEqual({
      name: 'ComputeFilter',
      reason: 'Disabled',
      detail: 'new disks',
    });
    expect(verdicts.get(open)).toMatchObject({ verdict: 'Fits', rank: expect.any(Number) });
    expect(verdicts.get(home)?.verdict).toBe('Stays');
    expect(verdicts.get('node-999')?.verdict).toBe('Unknown');
    expect(status?.best?.map(({ nodeName }) => nodeName)).not.toContain(home);
    await change(closed, { disabled: false, disabledReason: null });
  });

  test('and the owner, of the own node', async () => {
    const home = (await berth.get('follows')).status?.nodeName ?? '';
    const moved = await ask(owners('could-move', { instanceRef: { name: 'follows' } }));
    expect(moved.status).toMatchObject({ hosts: 4, fits: 3, current: { nodeName: home, refusals: [] } });
    expect(messageOf(moved)).toMatch(/^to move: 3 of 4 hosts fit: .*; it could stay$/);
    await change(home, { disabled: true });
    const closed = await ask(owners('has-to-move', { instanceRef: { name: 'follows' } }));
    expect(messageOf(closed)).toMatch(/it could not stay: ComputeFilter Disabled$/);
    const named = JSON.stringify(closed.status).match(/node-\d+/g);
    expect(new Set(named)).toEqual(new Set([home]));
    await change(home, { disabled: false });
    await berth.delete('follows');
    await berth.gone('follows');
  });
});

describe('how many more fit', () => {
  const FITS_WITHIN = { timeout: 30_000, interval: 200 };
  const capacity = async (name = 'tiny') => (await berth.client.get<Flavor>(FLAVOR, name)).status;
  const fits = async () => (await capacity())?.capacity?.fitsEphemeralRoot ?? Number.NaN;
  let empty: number;

  test('is in the Flavor, in all and by zone, and in its columns', async () => {
    const both = [{ name: 'zone-a' }, { name: 'zone-b' }];
    await vi.waitFor(
      async () => expect(await capacity()).toMatchObject({ inUse: 0, capacity: { zones: both } }),
      FITS_WITHIN,
    );
    const { fits: all = 0, zones = [] } = (await capacity())?.capacity ?? {};
    empty = await fits();
    expect(zones.reduce((sum, zone) => sum + zone.fits, 0)).toBe(all);
    expect(all).toBeGreaterThan(100);
    expect((await capacity('massive'))?.capacity?.fits).toBe(0);
    expect(await kubectl('get', 'flavor', 'tiny')).toMatch(new RegExp(`10Gi +${all} +0 `));
  });

  test('agrees with a probe, that knows the nodes', async () => {
    const { status } = await ask(operators('room', { flavors: { names: ['tiny', 'massive'] } }));
    const [massive, other] = status?.flavors ?? [];
    expect(massive).toMatchObject({ name: 'massive', fits: 0, nodes: [] });
    expect(other?.fitsEphemeralRoot).toBe(empty);
    expect(other?.nodes?.reduce((sum, node) => sum + node.fitsEphemeralRoot, 0)).toBe(empty);
    const asked = await ask(owners('room', { flavors: {} }));
    expect(messageOf(asked)).toMatch(/^how many more fit: massive 0, tiny \d+, to-come \d+$/);
    expect(JSON.stringify(asked.status)).not.toMatch(/node-\d/);
  });

  test('follows a burst of 20 with few writes, whatever is claimed', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `burst-${index}`);
    const before = (await berth.writes()).length;
    const began = Date.now();
    await Promise.all(names.map((name) => berth.create(name, EPHEMERAL)));
    await vi.waitFor(
      async () => expect([await fits(), (await capacity())?.inUse]).toEqual([empty - 20, 20]),
      FITS_WITHIN,
    );
    const rounds = Math.ceil((Date.now() - began) / 10_000) + 1;
    const written = (await berth.writes())
      .slice(before)
      .filter(({ objectRef }) => objectRef?.resource === 'flavors');
    const flavors = (await berth.client.list<Flavor>(FLAVOR)).items.length;
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThanOrEqual(rounds * flavors);
    await Promise.all(names.map((name) => berth.delete(name)));
    await Promise.all(names.map((name) => berth.gone(name)));
    await vi.waitFor(async () => expect(await fits()).toBe(empty), FITS_WITHIN);
  });

  test('grows with the fleet', async () => {
    await berth.fleet.addNodes({ count: 1, zone: 'zone-c', cpus: 16, memory: '64Gi' });
    await vi.waitFor(async () => expect((await capacity())?.capacity?.zones).toHaveLength(3), FITS_WITHIN);
    expect(await fits()).toBeGreaterThan(empty);
  });
});
