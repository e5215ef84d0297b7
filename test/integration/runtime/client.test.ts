import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { ApiError, isAlreadyExists, isConflict, isInvalid, isNotFound, NotLeading } from '#runtime/errors.ts';
import { listAll } from '#runtime/pager.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { TcpProxy } from '#test/tcp-proxy.ts';
import { type ConfigMap, configMap, configMaps, type Node, nodes } from './kinds.ts';

let cluster: Cluster;
let client: KubeClient;

beforeAll(async () => {
  const apiserverArgs = ['--etcd-compaction-interval=1s'];
  cluster = await startCluster({ only: ['etcd', 'kube-apiserver'], apiserverArgs });
  client = createClient(kubeConfigOf(cluster));
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

describe('reading and writing', () => {
  test('create, get, update, patch, delete', async () => {
    const made = await client.create<ConfigMap>(configMaps, configMap('crud', { a: '1' }));
    expect(made.kind).toBe('ConfigMap');
    const read = await client.get<ConfigMap>(configMaps, 'default/crud');
    expect(read.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    const updated = await client.update<ConfigMap>(configMaps, { ...read, data: { a: '2' } });
    const patched = await client.patch<ConfigMap>(
      configMaps,
      'default/crud',
      { data: { b: '3' } },
      { type: 'merge' },
    );
    expect(patched.data).toEqual({ a: '2', b: '3' });
    const operations = [{ op: 'remove', path: '/data/a' }];
    const again = await client.patch<ConfigMap>(configMaps, 'default/crud', operations, { type: 'json' });
    expect(again.data).toEqual({ b: '3' });
    await expect(client.update(configMaps, updated)).rejects.toSatisfy(isConflict);
    await client.delete(configMaps, 'default/crud');
    await expect(client.get(configMaps, 'default/crud')).rejects.toSatisfy(isNotFound);
  });

  test('a refusal says what and why', async () => {
    await client.create(configMaps, configMap('twice'));
    await expect(client.create(configMaps, configMap('twice'))).rejects.toSatisfy(isAlreadyExists);
    await expect(client.create(configMaps, configMap('twice'))).rejects.not.toSatisfy(isConflict);
    const bad = client.create(configMaps, configMap('Not_A_Name'));
    await expect(bad).rejects.toSatisfy(isInvalid);
    await expect(bad).rejects.toThrow(/POST .*configmaps.*metadata.name/);
  });

  test('a delete keeps to its preconditions', async () => {
    const made = await client.create<ConfigMap>(configMaps, configMap('guarded'));
    const wrong = client.delete(configMaps, 'default/guarded', { preconditions: { uid: 'another' } });
    await expect(wrong).rejects.toSatisfy(isConflict);
    await client.delete(configMaps, 'default/guarded', { preconditions: { uid: made.metadata.uid } });
  });

  test('status is written apart from spec', async () => {
    const made = await client.create<Node>(nodes, { metadata: { name: 'node-a' } });
    const status = { conditions: [{ type: 'Ready', status: 'True' }] };
    const spec = { unschedulable: true };
    const written = await client.updateStatus<Node>(nodes, { ...made, spec, status });
    expect(written.status.conditions).toMatchObject(status.conditions);
    expect(written.spec.unschedulable).toBeUndefined();
    const over = await client.update<Node>(nodes, { ...written, spec, status: {} });
    expect(over.spec.unschedulable).toBe(true);
    expect(over.status.conditions).toMatchObject(status.conditions);
  });

  test('a fenced client reads but does not write', async () => {
    let leading = true;
    const fenced = client.fenced(() => leading);
    await fenced.create(configMaps, configMap('fenced'));
    leading = false;
    await expect(fenced.delete(configMaps, 'default/fenced')).rejects.toBeInstanceOf(NotLeading);
    await fenced.get(configMaps, 'default/fenced');
  });
});

describe('server-side apply', () => {
  const wanted = (color: string | undefined) => configMap('applied', color ? { color } : {});

  test('two managers, a conflict, and force', async () => {
    await client.apply<ConfigMap>(configMaps, wanted('red'), { fieldManager: 'one' });
    const other = client.apply<ConfigMap>(configMaps, wanted('blue'), { fieldManager: 'two' });
    await expect(other).rejects.toSatisfy(isConflict);
    await expect(other).rejects.toThrow(/conflict with "one".*data.color/s);
    const forced = await client.apply<ConfigMap>(configMaps, wanted('blue'), {
      fieldManager: 'two',
      force: true,
    });
    expect(forced.data).toEqual({ color: 'blue' });
  });

  test('the same again writes nothing; a field that is left out goes', async () => {
    const first = await client.apply<ConfigMap>(configMaps, wanted('blue'), { fieldManager: 'two' });
    const second = await client.apply<ConfigMap>(configMaps, wanted('blue'), { fieldManager: 'two' });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const without = await client.apply<ConfigMap>(configMaps, wanted(undefined), { fieldManager: 'two' });
    expect(without.data).toBeUndefined();
  });

  test('of a status', async () => {
    const status = { conditions: [{ type: 'Ready', status: 'False' }] };
    const object = { metadata: { name: 'node-a' }, status };
    const options = { fieldManager: 'one', force: true, subresource: 'status' };
    const applied = await client.apply<Node>(nodes, object, options);
    expect(applied.status.conditions).toMatchObject(status.conditions);
  });
});

describe('long lists', () => {
  const total = 5_000;

  beforeAll(async () => {
    for (let from = 0; from < total; from += 500) {
      const names = Array.from({ length: 500 }, (_, i) => `many-${`${from + i}`.padStart(4, '0')}`);
      await Promise.all(names.map((name) => client.create(configMaps, configMap(name, {}, { set: 'many' }))));
    }
  });

  test('5,000 objects come whole, in pages, each with its kind', async () => {
    let pages = 0;
    const { items } = await listAll<ConfigMap>(
      (...call) => {
        pages++;
        return client.request(...call);
      },
      configMaps,
      { labelSelector: 'set=many' },
    );
    expect(pages).toBeGreaterThanOrEqual(10);
    expect(pages).toBeLessThanOrEqual(11); // the last one may be empty
    expect(new Set(items.map((item) => item.metadata.name)).size).toBe(total);
    expect(items.every((item) => item.kind === 'ConfigMap' && item.apiVersion === 'v1')).toBe(true);
  });

  test('a limit ends it early', async () => {
    const { items } = await client.list(configMaps, { labelSelector: 'set=many', limit: 7 });
    expect(items).toHaveLength(7);
  });

  test('a continue token that expires on the way starts the list afresh', async () => {
    let expired = 0;
    const { items } = await listAll<ConfigMap>(
      async (method, path, body, options) => {
        if (options.query?.continue)
          await untilExpired(path, String(options.query.continue)).then(() => expired++);
        return client.request(method, path, body, options);
      },
      configMaps,
      { labelSelector: 'set=many', pageSize: 2_000 },
    );
    expect(expired).toBe(1);
    expect(new Set(items.map((item) => item.metadata.name)).size).toBe(total);
  });

  /** Writes until the API server has compacted the token's revision away. */
  async function untilExpired(path: string, token: string): Promise<void> {
    const asked = { query: { limit: 1, continue: token } };
    await vi.waitUntil(
      async () => {
        await client.patch(
          configMaps,
          'default/twice',
          { data: { now: `${Math.random()}` } },
          { type: 'merge' },
        );
        const error = await client.request('GET', path, undefined, asked).catch((cause) => cause);
        return error instanceof ApiError && error.code === 410;
      },
      { timeout: 30_000, interval: 200 },
    );
  }
});

describe('a bad network', () => {
  let proxy: TcpProxy;
  let through: KubeClient;

  beforeAll(async () => {
    proxy = await TcpProxy.before(kubeConfigOf(cluster).getCurrentCluster()!.server);
    through = createClient(kubeConfigOf(cluster, proxy.url), { maxSockets: 8 });
    await client.create(configMaps, configMap('far'));
  });

  afterAll(async () => {
    await through?.close();
    await proxy?.stop();
  });

  test('many requests share few connections', async () => {
    await Promise.all(Array.from({ length: 200 }, () => through.get(configMaps, 'default/far')));
    expect(proxy.accepted).toBeLessThanOrEqual(8);
    const before = proxy.accepted;
    await Promise.all(Array.from({ length: 200 }, () => through.get(configMaps, 'default/far')));
    expect(proxy.accepted).toBe(before);
  });

  test('reads outlive connections that are cut again and again', async () => {
    for (let i = 0; i < 100; i++) {
      const reading = through.get(configMaps, 'default/far');
      await new Promise(setImmediate);
      proxy.cut();
      await reading;
    }
  });

  test('a write that was never sent is sent when the server is back', async () => {
    await proxy.refuse();
    const fresh = createClient(kubeConfigOf(cluster, proxy.url));
    const once = fresh.create(configMaps, configMap('late'), { retry: false });
    await expect(once).rejects.toMatchObject({ name: 'TransportError', sent: false });
    const creating = fresh.create(configMaps, configMap('late'));
    await proxy.listenAgain();
    await creating;
    await fresh.close();
  });

  test('a write that may have arrived is not sent twice', async () => {
    const plain = createClient(kubeConfigOf(cluster, proxy.url), { maxSockets: 1 });
    await plain.get(configMaps, 'default/far');
    proxy.stall();
    const patching = plain.patch(configMaps, 'default/far', { data: { x: '1' } }, { type: 'merge' });
    patching.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    proxy.resume();
    proxy.cut();
    await expect(patching).rejects.toMatchObject({ name: 'TransportError', sent: true });
    await plain.close();
  });

  test('silence ends with the time limit, a signal ends it at once', async () => {
    await through.get(configMaps, 'default/far');
    proxy.stall();
    try {
      const slow = through.get(configMaps, 'default/far', { timeoutMs: 200, retry: false });
      await expect(slow).rejects.toThrow('no answer within 200 ms');
      const stop = new AbortController();
      const aborted = through.get(configMaps, 'default/far', { signal: stop.signal });
      stop.abort(new Error('enough'));
      await expect(aborted).rejects.toThrow('enough');
    } finally {
      proxy.resume();
      proxy.cut();
    }
    await through.get(configMaps, 'default/far');
  });
});
