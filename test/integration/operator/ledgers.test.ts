import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { type Claim, NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { events, type KubeEvent } from '#runtime/index.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import { brokenPromises, lookAround } from '#test/invariants.ts';

const NODE = 'node-001';
const HALF: { vcpus: number; memory: string; rootDisk: string } = {
  vcpus: 8,
  memory: '28Gi',
  rootDisk: '10Gi',
};
const WAIT = { timeout: 30_000, interval: 100 };

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 2, fleetZones: 2 });
  await berth.operator('ledgers', ['--cpu-allocation-ratio', '1']);
  await berth.flavor('half', HALF);
});
afterAll(() => berth?.stop());

const here = { ...EPHEMERAL, availabilityZone: 'zone-a' };
const ledger = () => berth.client.get<NodeLedger>(NODE_LEDGER, NODE);
const node = () => berth.client.get<ComputeNode>(COMPUTE_NODE, NODE);
const names = async () => (await ledger()).spec.claims.map(({ name }) => name).sort();

async function overwrite(claims: Claim[]): Promise<void> {
  await vi.waitFor(
    async () => berth.client.update(NODE_LEDGER, { ...(await ledger()), spec: { claims } }),
    WAIT,
  );
}

const promisesHold = () =>
  vi.waitFor(async () => expect(brokenPromises(await lookAround(berth.client))).toEqual([]), WAIT);

async function mends(): Promise<string[]> {
  const { items } = await berth.client.list<KubeEvent>(events);
  return items
    .filter(({ reason, regarding }) => reason === 'LedgerMended' && regarding?.name === NODE)
    .map(({ note }) => note ?? '');
}

test('deleted: it is made anew from Instances and pods, and said', async () => {
  await berth.create('one', here);
  await berth.create('off', { ...here, powerState: 'Stopped' });
  await berth.active('one');
  await berth.until('off', ({ status }) => status?.vmState === 'Stopped');
  await berth.client.delete(NODE_LEDGER, NODE);
  await vi.waitFor(async () => expect(await names()).toEqual(['off', 'one']), WAIT);
  await promisesHold();
  await vi.waitFor(
    async () =>
      expect(await mends()).toContainEqual(expect.stringContaining('made from Instances and pods: 2 claims')),
    WAIT,
  );
});

test('restored from an old copy: the claims of who is gone go, those of who came since are put back first', async () => {
  await berth.create('gone', here);
  await berth.active('gone');
  const old = (await ledger()).spec.claims;
  await berth.delete('gone');
  await berth.gone('gone');
  await berth.create('since', { ...here, flavorRef: { name: 'half' } });
  await berth.active('since');
  // Would fit if the old copy were believed.
  const late = berth.create('late', { ...here, flavorRef: { name: 'half' } });
  await overwrite(old);
  await late;
  await vi.waitFor(async () => expect(await names()).toEqual(['off', 'one', 'since']), WAIT);
  await promisesHold();
  await vi.waitFor(
    async () => expect(await mends()).toContainEqual(expect.stringContaining('default/since was missing')),
    WAIT,
  );
  const { status } = await berth.until('late', ({ status }) => status?.conditions !== undefined);
  expect(status?.nodeName).toBeUndefined();
  await berth.delete('late');
});

test('a ledger that is wrong takes nothing in, whenever the claim is asked for', async () => {
  const right = (await ledger()).spec.claims;
  const asked = Array.from({ length: 6 }, (_, index) => `pushy-${index}`);
  const pushing = Promise.all(
    asked.map((name) => berth.create(name, { ...here, flavorRef: { name: 'half' } })),
  );
  for (let times = 0; times < 5; times++) {
    await overwrite([]);
    await vi.waitFor(async () => expect(await names()).toEqual(right.map(({ name }) => name).sort()), WAIT);
  }
  await pushing;
  await promisesHold();
  const placed = await Promise.all(asked.map(async (name) => (await berth.get(name)).status?.nodeName));
  expect(placed).toEqual(asked.map(() => undefined));
  await Promise.all(asked.map((name) => berth.delete(name)));
});

test('edited by hand: figures are put right', async () => {
  const { claims } = (await ledger()).spec;
  await overwrite(claims.map((claim) => ({ ...claim, memoryMiB: 1, overheadMiB: 0 })));
  await vi.waitFor(async () => {
    const now = (await ledger()).spec.claims;
    expect(now.map(({ memoryMiB }) => memoryMiB)).toEqual(claims.map(({ memoryMiB }) => memoryMiB));
    expect(now.every(({ overheadMiB }) => overheadMiB > 100)).toBe(true);
  }, WAIT);
});

test('what the pods ask for is shown beside the claims, and every pod has one', async () => {
  await vi.waitFor(async () => {
    const { launcherPods, used } = (await node()).status ?? {};
    expect(launcherPods).toMatchObject({ count: 2, withoutClaim: 0 });
    expect(launcherPods?.memoryMiB).toBeGreaterThan(28 * 1024);
    expect(launcherPods?.memoryMiB).toBeLessThanOrEqual((used?.memoryMiB ?? 0) + (used?.overheadMiB ?? 0));
    const { items } = await berth.client.list<Pod>(POD, { labelSelector: 'kubevirt.io=virt-launcher' });
    expect(items.filter(({ spec }) => spec.nodeName === NODE)).toHaveLength(2);
  }, WAIT);
});

test('more claimed than there is: the condition says by how much, until it fits', async () => {
  const reserved = { allocationRatios: { cpu: 0.5 } };
  await berth.client.patch(COMPUTE_NODE, NODE, { spec: reserved }, { type: 'merge' });
  const condition = async () =>
    (await node()).status?.conditions?.find(({ type }) => type === 'WithinCapacity');
  await vi.waitFor(
    async () =>
      expect(await condition()).toMatchObject({
        status: 'False',
        reason: 'Overcommitted',
        message: expect.stringMatching(/^\d+ vCPUs more claimed/),
      }),
    WAIT,
  );
  await berth.client.patch(COMPUTE_NODE, NODE, { spec: { allocationRatios: null } }, { type: 'merge' });
  await vi.waitFor(
    async () => expect(await condition()).toMatchObject({ status: 'True', reason: 'Fits' }),
    WAIT,
  );
});

test('Prometheus is told: what was mended, decided and done, and how claims and requests compare', async () => {
  const [operator] = berth.operators;
  await vi.waitFor(async () => {
    const metrics = await operator?.metrics();
    const of = (series: string) => metrics?.get(series) ?? Number.NaN;
    const memory = `{node="${NODE}",resource="memory"}`;
    const { used, launcherPods } = (await node()).status ?? {};
    expect(of(`berth_ledgers_mended_total{node="${NODE}"}`)).toBeGreaterThanOrEqual(3);
    expect(of('berth_scheduling_decisions_total{profile="default",result="placed"}')).toBeGreaterThan(3);
    expect(
      of('berth_operation_duration_seconds_count{operation="Create",result="Succeeded"}'),
    ).toBeGreaterThan(3);
    expect(of(`berth_compute_node_claimed${memory}`)).toBe((used?.memoryMiB ?? 0) * 2 ** 20);
    expect(of(`berth_compute_node_launcher_requests${memory}`)).toBe(
      (launcherPods?.memoryMiB ?? 0) * 2 ** 20,
    );
    expect(of(`berth_compute_node_launchers_without_claim{node="${NODE}"}`)).toBe(0);
    expect(of('berth_instances{vm_state="Active"}')).toBeGreaterThanOrEqual(1);
    expect(of('rest_client_requests_total{method="PUT",code="2xx"}')).toBeGreaterThan(3);
    expect(of('controller_runtime_reconcile_total{controller="instance",result="success"}')).toBeGreaterThan(
      3,
    );
    expect(of('leader_election_master_status{name="berth"}')).toBe(1);
    expect(of('workqueue_depth{name="instance"}')).toBeGreaterThanOrEqual(0);
    expect(of('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  }, WAIT);
});
