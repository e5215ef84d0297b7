import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubernetesLedgers, LEDGER_INDEXERS } from '#adapters/kubernetes/ledgers.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { SERVER_GROUP } from '#api/servergroup.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { Store } from '#runtime/store.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { ApiRace } from '#test/races/api-race.ts';
import { groupRace } from '#test/races/group-race.ts';
import { ModelApi } from '#test/races/model-api.ts';
import { sameClaims } from '#test/races/model-race.ts';
import { race, requestOf } from '#test/races/race.ts';
import { answersOf, randomSteps } from '#test/races/steps.ts';

/** All of them with BERTH_CLAIMS=100000, which takes minutes. */
const CLAIMS = Number(process.env.BERTH_CLAIMS ?? 3_000);
/** In milliseconds: they come at 20 a second on a machine that is busy with other things. */
const TIMEOUT = Math.max(1_800_000, CLAIMS * 60);
const CRDS = join(import.meta.dirname, '../../../crds');

let cluster: Cluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startCluster({ only: ['etcd', 'kube-apiserver'] });
  client = createClient(kubeConfigOf(cluster), { userAgent: 'berth-tests' });
  await cluster.kubectl('apply', '-f', CRDS);
  await cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all');
  await cluster.kubectl('create', 'namespace', 'races');
});
afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

test.for([1, 2, 3, 4, 5, 6, 7, 8])('the model answers as the API server does, seed %i', async (seed) => {
  const steps = randomSteps(seed, 150);
  const real = await answersOf(client, steps, `s${seed}`);
  const model = await answersOf(new ModelApi() as unknown as KubeClient, steps, `s${seed}`);
  expect(model).toEqual(real);
  expect(new Set(real.map(({ answer }) => answer))).toEqual(
    new Set(['ok', '409 Conflict', '404 NotFound', '409 AlreadyExists']),
  );
});

test('a ledger that was deleted behind a late cache is lost, which is no error', async () => {
  const store = new Store<NodeLedger>({ indexers: LEDGER_INDEXERS });
  const made = await client.create<NodeLedger>(NODE_LEDGER, {
    metadata: { name: 'doomed' },
    spec: { claims: [] },
  });
  store.replace([made], made.metadata.resourceVersion);
  await client.delete(NODE_LEDGER, 'doomed');
  const { claim } = requestOf('any', { vcpus: 1, memoryMiB: 1024, overheadMiB: 180, diskGiB: 10 });
  expect(await kubernetesLedgers(client, store).write('doomed', (held) => [...held, claim])).toBe('lost');
});

test(`${CLAIMS} claims by three schedulers on one API server`, { timeout: TIMEOUT }, async () => {
  const api = await ApiRace.of(cluster, 3, 16);
  try {
    const tally = await race(api.racers, {
      claims: CLAIMS,
      wave: 32,
      mostHeld: 290,
      seed: 1,
      check: async (held) => sameClaims((await client.list<NodeLedger>(NODE_LEDGER)).items, held),
      checkEvery: 1_000,
    });
    console.log(JSON.stringify({ measured: 'claims', ...tally, moments: api.history.moments }));
    expect(tally.claimed).toBeGreaterThanOrEqual(CLAIMS);
    expect(tally.released).toBe(tally.claimed);
    expect([...api.history.violations]).toEqual([]);
  } finally {
    await api.stop();
  }
});

test('members of an affinity group placed by three schedulers at once are on one node', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `group-${index}`);
  for (const name of names)
    await client.create(SERVER_GROUP, {
      metadata: { name, namespace: 'races' },
      spec: { policy: 'affinity' },
    });
  const api = await ApiRace.of(cluster, 3, 16);
  try {
    const policy = { policy: 'affinity' } as const;
    const placed = await groupRace(api.racers, { policy, groups: names, members: 4, seed: 1 });
    expect([...placed.values()].filter((nodes) => nodes.size > 1)).toEqual([]);
    expect([...placed.values()].filter((nodes) => nodes.size === 1).length).toBeGreaterThan(30);
  } finally {
    await api.stop();
  }
});
