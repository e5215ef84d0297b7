import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { createInformer, type Informer, type InformerOptions } from '#runtime/informer.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { TcpProxy } from '#test/tcp-proxy.ts';
import { type ConfigMap, configMap, configMaps } from './kinds.ts';

let cluster: Cluster;
let client: KubeClient;
let proxy: TcpProxy;
let through: KubeClient;
let stop: AbortController;

beforeAll(async () => {
  cluster = await startCluster({ only: ['etcd', 'kube-apiserver'] });
  client = createClient(kubeConfigOf(cluster));
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

beforeEach(async () => {
  stop = new AbortController();
  proxy = await TcpProxy.before(kubeConfigOf(cluster).getCurrentCluster()!.server);
  through = createClient(kubeConfigOf(cluster, proxy.url));
});

afterEach(async () => {
  stop.abort();
  await through.close();
  await proxy.stop();
});

/** An informer behind the proxy, synced, and all that its store tells from then on. */
async function informed(options: InformerOptions<ConfigMap> = {}) {
  const settings = { backoff: { baseMs: 20, capMs: 200 }, ...options.settings };
  const informer = createInformer<ConfigMap>(through, configMaps, { ...options, settings });
  void informer.start(stop.signal);
  await informer.synced;
  await watching(informer);
  const heard: string[] = [];
  informer.store.onChange(({ type, object }) =>
    heard.push(`${type} ${object.metadata.name} ${object.data?.n ?? ''}`),
  );
  return { informer, heard };
}

const watching = (informer: Informer<ConfigMap>) =>
  vi.waitUntil(() => informer.stats.watches > 0, { timeout: 10_000 });

async function caughtUp(informer: Informer<ConfigMap>): Promise<void> {
  const { items } = await client.list<ConfigMap>(configMaps);
  const versions = (objects: ConfigMap[]) =>
    objects.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`).sort();
  await vi.waitUntil(() => `${versions(informer.store.list())}` === `${versions(items)}`, {
    timeout: 30_000,
  });
}

/** Cuts what goes through the proxy soon after each new watch, and again while the next one is made, until told to end. */
async function cutAgainAndAgain({ stats }: Informer<ConfigMap>, { signal }: AbortController): Promise<void> {
  for (let seen = 0; !signal.aborted; await sleep(10)) {
    if (stats.watches === seen) continue;
    seen = stats.watches;
    await sleep(10);
    proxy.cut();
    await sleep(10);
    proxy.cut();
  }
}

describe('resuming', () => {
  test('through connections that are cut again and again: every change, once, in order, one list', async () => {
    const { informer, heard } = await informed();
    const cuts = new AbortController();
    const cutting = cutAgainAndAgain(informer, cuts);
    const expected: string[] = [];
    await client.create(configMaps, configMap('counter', { n: '0' }));
    expected.push('added counter 0');
    let n = 0;
    while (n < 300 || informer.stats.watches <= 3) {
      n++;
      await client.patch(configMaps, 'default/counter', { data: { n: `${n}` } }, { type: 'merge' });
      expected.push(`modified counter ${n}`);
    }
    await client.delete(configMaps, 'default/counter');
    expected.push(`deleted counter ${n}`);
    cuts.abort();
    await cutting;
    await vi.waitUntil(() => heard.length >= expected.length, { timeout: 30_000 });
    expect(heard).toEqual(expected);
    expect(informer.stats.lists).toBe(1);
    expect(informer.stats.watches).toBeGreaterThan(3);
  });

  test('after the API server ended the watch in good order', async () => {
    const { informer, heard } = await informed({ settings: { watchSeconds: { min: 1, max: 1 } } });
    for (let n = 0; informer.stats.watches < 4; n++) {
      await client.apply(configMaps, configMap('ticking', { n: `${n}` }), { fieldManager: 'test' });
    }
    await caughtUp(informer);
    expect(informer.stats.lists).toBe(1);
    expect(informer.stats.failures).toBe(0);
    const numbers = heard.map((line) => Number(line.split(' ')[2]));
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });

  test('from the last bookmark, when nothing that it selects has changed', async () => {
    const { informer } = await informed({
      labelSelector: 'nothing=here',
      settings: { watchSeconds: { min: 4, max: 4 } },
    });
    const listed = informer.store.resourceVersion;
    await client.create(configMaps, configMap('elsewhere'));
    // kube-apiserver sends one two seconds before a watch's time is over, if not before.
    await vi.waitUntil(() => informer.stats.bookmarks > 0, { timeout: 30_000 });
    expect(BigInt(informer.store.resourceVersion!)).toBeGreaterThan(BigInt(listed!));
    expect(informer.stats.lists).toBe(1);
  });

  test('after a connection that went silent without an end', async () => {
    const { informer, heard } = await informed({ settings: { idleTimeoutMs: 1_000 } });
    proxy.stall();
    await client.apply(configMaps, configMap('silent', { n: '1' }), { fieldManager: 'test' });
    await vi.waitUntil(() => informer.stats.failures > 0, { timeout: 10_000 });
    expect(heard).toEqual([]);
    proxy.resume();
    proxy.cut();
    await vi.waitUntil(() => heard.length > 0, { timeout: 30_000 });
    expect(heard).toEqual(['added silent 1']);
    expect(informer.stats.lists).toBe(1);
  });

  test('after an API server that was away for a while', async () => {
    const { informer, heard } = await informed();
    await proxy.refuse();
    await client.apply(configMaps, configMap('away', { n: '1' }), { fieldManager: 'test' });
    await client.apply(configMaps, configMap('away', { n: '2' }), { fieldManager: 'test' });
    await vi.waitUntil(() => informer.stats.failures >= 3, { timeout: 10_000 });
    await proxy.listenAgain();
    await vi.waitUntil(() => heard.length >= 2, { timeout: 30_000 });
    expect(heard).toEqual(['added away 1', 'modified away 2']);
    expect(informer.stats.lists).toBe(1);
  });
});

describe('listing again', () => {
  test('when the API server no longer has the changes (410): what was deleted meanwhile is told', async () => {
    await client.create(configMaps, configMap('stays', { n: '1' }));
    await client.create(configMaps, configMap('goes', { n: '1' }));
    const { informer, heard } = await informed();
    await caughtUp(informer);
    await proxy.refuse();
    await client.delete(configMaps, 'default/goes');
    await client.patch(configMaps, 'default/stays', { data: { n: '2' } }, { type: 'merge' });
    await client.create(configMaps, configMap('comes', { n: '1' }));
    // A watch cache that has just started knows nothing of what was before.
    await cluster.restart('kube-apiserver');
    await proxy.listenAgain();
    await vi.waitUntil(() => informer.stats.lists === 2, { timeout: 30_000 });
    await caughtUp(informer);
    expect(informer.stats.refusals).toBe(1); // the 410, and no need to ask twice
    expect(heard.toSorted()).toEqual(['added comes 1', 'deleted goes 1', 'modified stays 2']);
    await client.delete(configMaps, 'default/comes');
    await vi.waitUntil(() => heard.length === 4, { timeout: 30_000 });
    expect(heard[3]).toBe('deleted comes 1');
    expect(informer.stats.lists).toBe(2);
  });
});

describe('what is kept', () => {
  test('without managedFields, selected and indexed', async () => {
    await client.apply(configMaps, configMap('in', { n: '1' }, { set: 'kept' }), { fieldManager: 'test' });
    await client.apply(configMaps, configMap('out', { n: '1' }), { fieldManager: 'test' });
    const indexers = { n: (object: ConfigMap) => [object.data?.n ?? ''] };
    const { informer, heard } = await informed({ labelSelector: 'set=kept', namespace: 'default', indexers });
    expect(informer.store.list().map((object) => object.metadata.name)).toEqual(['in']);
    expect(informer.store.byIndex('n', '1')).toHaveLength(1);
    await client.patch(configMaps, 'default/in', { data: { n: '2' } }, { type: 'merge' });
    await vi.waitUntil(() => heard.length === 1);
    expect(informer.store.byIndex('n', '2')).toHaveLength(1);
    expect(informer.store.get('default/in')).not.toHaveProperty('metadata.managedFields');
    expect(informer.store.get('default/in')?.kind).toBe('ConfigMap');
    await client.patch(configMaps, 'default/in', { metadata: { labels: { set: null } } }, { type: 'merge' });
    await vi.waitUntil(() => heard.length === 2);
    expect(informer.store.list()).toEqual([]);
  });

  test('our own write is there before the watch brings it, and is told once', async () => {
    const { informer, heard } = await informed();
    const made = await client.create<ConfigMap>(configMaps, configMap('own', { n: '1' }));
    informer.store.put(made);
    expect(informer.store.get('default/own')).toBeDefined();
    await client.patch(configMaps, 'default/own', { data: { n: '2' } }, { type: 'merge' });
    await vi.waitUntil(() => heard.length >= 2);
    expect(heard).toEqual(['added own 1', 'modified own 2']);
  });

  test('more objects than fit on a page are listed and followed', async () => {
    const names = Array.from({ length: 1_500 }, (_, i) => `many-${i}`);
    for (let i = 0; i < names.length; i += 500) {
      const some = names.slice(i, i + 500);
      await Promise.all(some.map((name) => client.create(configMaps, configMap(name, {}, { set: 'many' }))));
    }
    const { informer } = await informed({ labelSelector: 'set=many' });
    expect(informer.store.size).toBe(1_500);
    await client.request('DELETE', '/api/v1/namespaces/default/configmaps', undefined, {
      query: { labelSelector: 'set=many' },
      timeoutMs: 60_000,
    });
    await vi.waitUntil(() => informer.store.size === 0, { timeout: 60_000 });
    expect(informer.stats.lists).toBe(1);
  });
});
