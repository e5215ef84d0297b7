import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { type EventText, events, type KubeEvent } from '#runtime/events.ts';
import { createInformer } from '#runtime/informer.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createRecorder, type RecorderOptions } from '#runtime/recorder.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { TcpProxy } from '#test/tcp-proxy.ts';
import { type ConfigMap, configMap, configMaps, namespaces } from './kinds.ts';

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

const text: EventText = {
  type: 'Warning',
  reason: 'NoValidHost',
  action: 'Schedule',
  note: '0 of 6 nodes fit: 6 have too little memory',
};

function recorder(options: Partial<RecorderOptions> = {}) {
  const identity = { controller: 'compute.berth.dev/test', instance: 'test-1' };
  return createRecorder({ client, logger: silentLogger, ...identity, ...options });
}

const object = (name: string) => client.create<ConfigMap>(configMaps, configMap(name));

async function eventsOf(name: string): Promise<KubeEvent[]> {
  const { items } = await client.list<KubeEvent>(events, { namespace: 'default' });
  return items.filter((event) => event.regarding.name === name);
}

test('50 repetitions are one Event with a series of 50, written a few times only', async () => {
  const regarding = await object('repeated');
  const stop = new AbortController();
  const informer = createInformer<KubeEvent>(client, events);
  const writes: number[] = [];
  informer.store.onChange(({ object }) => {
    if (object.regarding.name === 'repeated') writes.push(object.series?.count ?? 1);
  });
  void informer.start(stop.signal);
  await informer.synced;
  const { event, flush } = bound(recorder());
  for (let i = 0; i < 50; i++) event(regarding, { ...text, note: `0 of ${i} nodes fit` });
  await flush();
  await vi.waitUntil(() => writes.at(-1) === 50, { timeout: 10_000 });
  expect(writes.length).toBeLessThanOrEqual(2);
  const [only, ...others] = await eventsOf('repeated');
  expect(others).toEqual([]);
  expect(only).toMatchObject({
    type: 'Warning',
    reason: 'NoValidHost',
    action: 'Schedule',
    series: { count: 50 },
  });
  expect(only?.regarding).toMatchObject({ kind: 'ConfigMap', uid: regarding.metadata.uid });
  stop.abort();
});

test('a series is written by itself, not for each repetition', async () => {
  const regarding = await object('series');
  const { event } = bound(recorder({ seriesWriteMs: 200 }));
  event(regarding, text);
  await vi.waitUntil(async () => (await eventsOf('series')).length === 1);
  event(regarding, text);
  event(regarding, text);
  await vi.waitUntil(async () => (await eventsOf('series'))[0]?.series?.count === 3, { timeout: 10_000 });
});

test('after a pause it is a new Event', async () => {
  const regarding = await object('paused');
  const { event, flush } = bound(recorder({ seriesMs: 1 }));
  event(regarding, text);
  const saidAt = performance.now();
  await vi.waitUntil(() => performance.now() - saidAt > 1);
  event(regarding, text);
  await flush();
  expect(await eventsOf('paused')).toHaveLength(2);
});

test('another reason, or another object, is an Event of its own; kubectl shows them', async () => {
  const [first, second] = [await object('first'), await object('second')];
  const { event, flush } = bound(recorder());
  event(first, text);
  event(first, {
    ...text,
    type: 'Normal',
    reason: 'Scheduled',
    related: second,
    annotations: { 'berth/id': 'req-1' },
  });
  event(second, text);
  await flush();
  expect(await eventsOf('first')).toHaveLength(2);
  const scheduled = (await eventsOf('first')).find((found) => found.reason === 'Scheduled');
  expect(scheduled).toMatchObject({
    related: { name: 'second' },
    metadata: { annotations: { 'berth/id': 'req-1' } },
  });
  const shown = await cluster.kubectl('events', '--for', 'configmap/first');
  expect(shown).toMatch(/Warning\s+NoValidHost\s+ConfigMap\/first\s+0 of 6 nodes fit/);
});

test('about a cluster-scoped object it is in the namespace default', async () => {
  const namespace = await client.get(namespaces, 'kube-system');
  const { event, flush } = bound(recorder());
  event(namespace, text);
  await flush();
  expect((await eventsOf('kube-system'))[0]?.metadata.namespace).toBe('default');
});

test('goes on when its Event was deleted in between', async () => {
  const regarding = await object('expired');
  const { event, flush } = bound(recorder());
  event(regarding, text);
  await flush();
  const [first] = await eventsOf('expired');
  await client.delete(events, `default/${first!.metadata.name}`);
  event(regarding, text);
  await flush();
  expect((await eventsOf('expired'))[0]).toMatchObject({ series: { count: 2 } });
});

test('never throws nor waits, and drops what is too much, while the API server is away', async () => {
  const proxy = await TcpProxy.before(kubeConfigOf(cluster).getCurrentCluster()!.server);
  const regarding = await object('unheard');
  const far = createClient(kubeConfigOf(cluster, proxy.url), { retry: { attempts: 2, baseMs: 1, capMs: 2 } });
  const { event, flush } = bound(recorder({ client: far, capacity: 10 }));
  await proxy.refuse();
  for (let i = 0; i < 1_000; i++) event(regarding, { ...text, reason: `Reason${i}` });
  await flush();
  await proxy.listenAgain();
  event(regarding, { ...text, reason: 'Reason0' });
  await flush();
  expect((await eventsOf('unheard')).map((found) => found.reason)).toEqual(['Reason0']);
  await far.close();
  await proxy.stop();
});

function bound(it: ReturnType<typeof createRecorder>) {
  return { event: it.event.bind(it), flush: it.flush.bind(it) };
}

test('while it is held nothing is written, and all of it is afterwards', async () => {
  const regarding = await object('held-up');
  let held = true;
  const { event, flush } = bound(recorder({ holdMs: () => (held ? 20 : 0) }));
  for (const reason of ['First', 'Second', 'Third']) event(regarding, { ...text, reason });
  const flushed = flush();
  await object('written-meanwhile');
  expect(await eventsOf('held-up')).toEqual([]);
  held = false;
  await flushed;
  expect((await eventsOf('held-up')).map(({ reason }) => reason).sort()).toEqual([
    'First',
    'Second',
    'Third',
  ]);
});

test('what is written makes room: many more events than it holds are all written', async () => {
  const regarding = await object('many');
  const { event, flush } = bound(recorder({ capacity: 5 }));
  for (let i = 0; i < 12; i++) {
    event(regarding, { ...text, reason: `Reason${i}` });
    await flush();
  }
  expect(await eventsOf('many')).toHaveLength(12);
});
