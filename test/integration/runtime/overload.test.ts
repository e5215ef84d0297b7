import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { isTooManyRequests } from '#runtime/errors.ts';
import { type Logger, silentLogger } from '#runtime/logger.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { type ConfigMap, configMap, configMaps } from './kinds.ts';

/** An API server that takes one write at a time and turns the others away with 429 and Retry-After. */
let cluster: Cluster;
let client: KubeClient;

beforeAll(async () => {
  const apiserverArgs = ['--enable-priority-and-fairness=false', '--max-mutating-requests-inflight=1'];
  cluster = await startCluster({ only: ['etcd', 'kube-apiserver'], apiserverArgs });
  await cluster.kubectl(
    'create',
    'clusterrolebinding',
    'ordinary',
    '--clusterrole=cluster-admin',
    '--user=ordinary',
  );
  client = createClient(ordinaryUser(), { maxSockets: 64 });
});

/** An administrator in the group system:masters is never turned away. */
function ordinaryUser() {
  const kubeConfig = kubeConfigOf(cluster);
  kubeConfig.users = kubeConfig.users.map((user) => ({ ...user, impersonateUser: 'ordinary' }));
  return kubeConfig;
}

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

test('who is told to come back later does so, not sooner than told, and all get through, each once', async () => {
  const waits: number[] = [];
  const logger: Logger = {
    ...silentLogger,
    debug: (fields: object | string) => {
      if (typeof fields === 'object' && 'waitMs' in fields) waits.push(Number(fields.waitMs));
    },
  };
  const client = createClient(ordinaryUser(), { maxSockets: 64, logger });
  const total = 400;
  const names = Array.from({ length: total }, (_, i) => `kept-${i}`);
  await Promise.all(names.map((name) => client.create(configMaps, configMap(name, {}, { set: 'kept' }))));
  expect(waits.length).toBeGreaterThan(0);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000); // Retry-After: 1
  const { items } = await client.list<ConfigMap>(configMaps, { labelSelector: 'set=kept' });
  expect(items).toHaveLength(total);
  await client.close();
});

test('without retries the refusal is the caller’s', async () => {
  const names = Array.from({ length: 400 }, (_, i) => `bare-${i}`);
  const bare = names.map((name) => client.create(configMaps, configMap(name), { retry: false }));
  const refused = (await Promise.allSettled(bare)).filter((result) => result.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every((result) => isTooManyRequests(result.reason))).toBe(true);
  expect(refused[0]?.reason.retryAfterSeconds).toBe(1);
});

test('a read outlives an API server that is killed and starts again', async () => {
  await client.create(configMaps, configMap('steady'));
  const patient = createClient(kubeConfigOf(cluster), { retry: { attempts: 100, baseMs: 50, capMs: 500 } });
  let restarting = true;
  const restarted = cluster.restart('kube-apiserver').finally(() => {
    restarting = false;
  });
  let reads = 0;
  while (restarting) {
    await patient.get(configMaps, 'default/steady');
    reads++;
  }
  await restarted;
  expect(reads).toBeGreaterThan(0);
  await patient.close();
});
