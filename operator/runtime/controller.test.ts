import { expect, test, vi } from 'vitest';
import { createController, type Reconciler } from './controller.ts';
import { silentLogger } from './logger.ts';
import { watch } from './mapping.ts';
import { type KubeObject, keyOf } from './resource.ts';
import { Store } from './store.ts';

function thing(name: string, resourceVersion: number): KubeObject {
  const metadata = { name, uid: name, resourceVersion: `${resourceVersion}`, creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Thing', metadata };
}

function setup(reconcile: Reconciler['reconcile'], concurrency = 4) {
  const store = new Store();
  const stop = new AbortController();
  const abort = new AbortController();
  const controller = createController({
    reconciler: { name: 'test', reconcile },
    concurrency,
    watches: [watch(store, (object) => [keyOf(object)])],
    logger: silentLogger,
    backoff: { baseMs: 1, capMs: 20 },
    stopWithinMs: 100,
  });
  const run = () => controller.run(stop.signal, abort.signal);
  return { store, stop, abort, controller, run };
}

test('waits for its stores, then takes every object that is there', async () => {
  const seen: string[] = [];
  const { store, stop, run } = setup(async (key) => void seen.push(key));
  const running = run();
  await new Promise(setImmediate);
  expect(seen).toEqual([]);
  store.replace([thing('a', 1), thing('b', 1)], '1');
  await vi.waitUntil(() => seen.length === 2);
  store.observe('MODIFIED', thing('a', 2));
  await vi.waitUntil(() => seen.length === 3);
  stop.abort();
  await running;
  expect(seen.toSorted()).toEqual(['a', 'a', 'b']);
});

test('comes back after a failure until it goes well', async () => {
  let tries = 0;
  const { store, stop, run } = setup(async () => {
    if (++tries < 4) throw new Error('not yet');
  });
  store.replace([thing('a', 1)], '1');
  const running = run();
  await vi.waitUntil(() => tries === 4);
  stop.abort();
  await running;
});

test('comes back when asked to', async () => {
  let tries = 0;
  const { store, stop, run } = setup(async () => (++tries < 3 ? { requeueAfterMs: 2 } : undefined));
  store.replace([thing('a', 1)], '1');
  const running = run();
  await vi.waitUntil(() => tries === 3);
  stop.abort();
  await running;
});

test('a stop waits for what has begun and begins nothing new', async () => {
  const begun: string[] = [];
  const ended: string[] = [];
  const gate = Promise.withResolvers<void>();
  const { store, stop, run } = setup(async (key) => {
    begun.push(key);
    await gate.promise;
    ended.push(key);
  }, 1);
  store.replace([thing('a', 1), thing('b', 1)], '1');
  const running = run();
  await vi.waitUntil(() => begun.length === 1);
  stop.abort();
  gate.resolve();
  await running;
  expect([begun, ended]).toEqual([['a'], ['a']]);
});

test('a key that is worked on without end is told of', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const gate = Promise.withResolvers<void>();
  const { store, stop, controller, run } = setup(() => gate.promise);
  store.replace([thing('a', 1)], '1');
  const running = run();
  await vi.waitUntil(() => controller.load().running === 1);
  vi.advanceTimersByTime(599_000);
  expect(controller.trouble()).toBeUndefined();
  vi.advanceTimersByTime(2_000);
  expect(controller.trouble()).toBe('a has been worked on for 601 s');
  expect(controller.load().longestRunSeconds).toBeGreaterThanOrEqual(601);
  gate.resolve();
  await vi.waitUntil(() => controller.load().running === 0);
  expect(controller.trouble()).toBeUndefined();
  stop.abort();
  await running;
  vi.useRealTimers();
});

test('an abort reaches the reconcile at once', async () => {
  const reasons: unknown[] = [];
  const { store, abort, run } = setup(async (_, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    reasons.push(signal.reason);
  });
  store.replace([thing('a', 1)], '1');
  const running = run();
  await new Promise(setImmediate);
  abort.abort('leadership lost');
  await running;
  expect(reasons).toEqual(['leadership lost']);
});

test('a reconcile that heeds nothing makes the stop fail instead of hang', async () => {
  const { store, stop, run } = setup(() => new Promise(() => {}));
  store.replace([thing('a', 1)], '1');
  const running = run();
  await new Promise(setImmediate);
  stop.abort();
  await expect(running).rejects.toThrow('does not heed its signal');
});

test('a mapping that throws stops neither the watch nor the controller', async () => {
  const seen: string[] = [];
  const store = new Store();
  const stop = new AbortController();
  const controller = createController({
    reconciler: { name: 'test', reconcile: async (key) => void seen.push(key) },
    concurrency: 1,
    watches: [
      watch(store, (object) => {
        if (object.metadata.name === 'bad') throw new Error('cannot map');
        return [keyOf(object)];
      }),
    ],
    logger: silentLogger,
  });
  store.replace([thing('bad', 1), thing('good', 1)], '1');
  const running = controller.run(stop.signal);
  await vi.waitUntil(() => seen.length === 1);
  store.observe('MODIFIED', thing('bad', 2));
  store.observe('MODIFIED', thing('good', 3));
  await vi.waitUntil(() => seen.length === 2);
  stop.abort();
  await running;
  expect(seen).toEqual(['good', 'good']);
});

test('under load: every key’s last change is worked on, never two at once on one key', async () => {
  const keys = 500;
  const active = new Set<string>();
  const reconciled = new Map<string, string>();
  let overlaps = 0;
  const { store, stop, run } = setup(async (key) => {
    if (active.has(key)) overlaps++;
    active.add(key);
    const version = store.get(key)!.metadata.resourceVersion;
    await new Promise(setImmediate);
    reconciled.set(key, version);
    active.delete(key);
  }, 32);
  store.replace([], '1');
  const running = run();
  let version = 1;
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < keys; i++) store.observe('MODIFIED', thing(`k${i}`, ++version));
    await new Promise(setImmediate);
  }
  const upToDate = () => store.list().every((o) => reconciled.get(keyOf(o)) === o.metadata.resourceVersion);
  await vi.waitUntil(upToDate, { timeout: 5_000 });
  stop.abort();
  await running;
  expect(overlaps).toBe(0);
  expect(reconciled.size).toBe(keys);
});
