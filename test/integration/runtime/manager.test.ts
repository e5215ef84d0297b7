import { request } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applyIfChanged } from '#runtime/apply.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { createController } from '#runtime/controller.ts';
import { Elector } from '#runtime/elector.ts';
import { HealthServer } from '#runtime/health.ts';
import { createInformer } from '#runtime/informer.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createManager } from '#runtime/manager.ts';
import { watch } from '#runtime/mapping.ts';
import { keyOf } from '#runtime/resource.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { TcpProxy } from '#test/tcp-proxy.ts';
import { type ConfigMap, configMap, configMaps } from './kinds.ts';

let cluster: Cluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startCluster({ only: ['etcd', 'kube-apiserver'] });
  client = createClient(kubeConfigOf(cluster));
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** An operator in small: makes data.copy what data.n is, and says who did. */
async function replica(identity: string, lease: string, server?: string) {
  const own = createClient(kubeConfigOf(cluster, server), { retry: { attempts: 2, baseMs: 10, capMs: 50 } });
  const elector = new Elector({ client: own, lease, identity, logger: silentLogger });
  const health = new HealthServer({ port: 0, host: '127.0.0.1' });
  const port = await health.listen();
  const manager = createManager({ logger: silentLogger, elector, health });
  const labelSelector = `copied=${identity.split('-')[0]}`;
  const settings = { backoff: { baseMs: 10, capMs: 200 } };
  const informer = manager.addInformer(
    createInformer<ConfigMap>(own, configMaps, { labelSelector, settings }),
  );
  const fenced = own.fenced(() => manager.isLeading());
  const reconciled: Array<{ at: number; key: string }> = [];
  let writes = 0;
  const reconcile = async (key: string, { signal }: { signal: AbortSignal }): Promise<void> => {
    reconciled.push({ at: performance.now(), key });
    const object = informer.store.get(key);
    if (!object) return;
    const { name, namespace } = object.metadata;
    const wanted = { metadata: { name, namespace }, data: { copy: object.data?.n ?? '' } };
    const options = { fieldManager: 'copier', force: true, signal };
    const { written } = await applyIfChanged(fenced, configMaps, informer.store, wanted, options);
    if (written) writes++;
  };
  manager.addController(
    createController({
      reconciler: { name: 'copier', reconcile },
      concurrency: 8,
      watches: [watch(informer.store, (object) => [keyOf(object)])],
      logger: silentLogger,
    }),
  );
  const stop = new AbortController();
  const ended = manager.start(stop.signal);
  ended.catch(() => {});
  return { manager, informer, reconciled, stop, ended, port, writes: () => writes, close: () => own.close() };
}

function get(port: number, path: string): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, host: '127.0.0.1', path, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
    });
    asking.on('error', reject);
    asking.end();
  });
}

const labelled = (name: string, n: string, set: string) => configMap(name, { n }, { copied: set });

async function copies(set: string): Promise<number> {
  const { items } = await client.list<ConfigMap>(configMaps, { labelSelector: `copied=${set}` });
  return items.filter((item) => item.data?.copy === item.data?.n).length;
}

test('two replicas: one works, the other is ready; stopped, it hands over and ends in good order', async () => {
  const total = 100;
  const names = Array.from({ length: total }, (_, i) => `pair-${i}`);
  await Promise.all(names.map((name, i) => client.create(configMaps, labelled(name, `${i}`, 'pair'))));
  const first = await replica('pair-1', 'default/pair');
  await vi.waitUntil(async () => (await copies('pair')) === total, { timeout: 30_000 });
  const second = await replica('pair-2', 'default/pair');
  await vi.waitUntil(async () => (await get(second.port, '/readyz')).code === 200, { timeout: 30_000 });
  expect((await get(first.port, '/readyz')).body).toContain('[+]informer configmaps ok');
  expect([first.manager.isLeading(), second.manager.isLeading()]).toEqual([true, false]);
  expect(second.reconciled).toEqual([]);
  expect(first.writes()).toBe(total);

  first.stop.abort();
  await first.ended;
  const endedAt = performance.now();
  await vi.waitUntil(() => second.manager.isLeading(), { timeout: 30_000 });
  expect(performance.now() - endedAt).toBeLessThan(2_500);
  // It looks at everything afresh, and writes nothing where nothing has changed.
  await vi.waitUntil(() => second.reconciled.length >= total, { timeout: 30_000 });
  expect(second.writes()).toBe(0);
  await client.patch(configMaps, 'default/pair-7', { data: { n: 'new' } }, { type: 'merge' });
  await vi.waitUntil(async () => (await copies('pair')) === total, { timeout: 30_000 });
  await vi.waitUntil(() => second.writes() > 0, { timeout: 30_000 });
  expect(second.writes()).toBe(1);
  second.stop.abort();
  await second.ended;
  await first.close();
  await second.close();
});

test('cut off from the API server it stops its work, and takes it up again when it is back', async () => {
  const proxy = await TcpProxy.before(kubeConfigOf(cluster).getCurrentCluster()!.server);
  await client.create(configMaps, labelled('lonely-a', '1', 'lonely'));
  const only = await replica('lonely-1', 'default/lonely', proxy.url);
  await vi.waitUntil(async () => (await copies('lonely')) === 1, { timeout: 30_000 });
  proxy.stall();
  await vi.waitUntil(() => !only.manager.isLeading(), { timeout: 30_000 });
  await client.patch(configMaps, 'default/lonely-a', { data: { n: '2' } }, { type: 'merge' });
  proxy.resume();
  proxy.cut();
  await vi.waitUntil(async () => (await copies('lonely')) === 1, { timeout: 30_000 });
  expect(only.informer.stats.lists).toBe(1);
  only.stop.abort();
  await only.ended;
  await only.close();
  await proxy.stop();
});

test('a runnable that fails ends everything, and start says why', async () => {
  const manager = createManager({ logger: silentLogger });
  const informer = manager.addInformer(createInformer<ConfigMap>(client, configMaps));
  const run = async () => {
    throw new Error('the port is taken');
  };
  manager.addRunnable({ name: 'bad', run }, 'synced');
  await expect(manager.start(new AbortController().signal)).rejects.toThrow('the port is taken');
  const events = informer.stats.events;
  await client.create(configMaps, configMap('unheard'));
  expect(informer.stats.events).toBe(events);
});
