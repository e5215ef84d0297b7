import { expect, test, vi } from 'vitest';
import type { KubeClient } from './client.ts';
import { ApiError } from './errors.ts';
import { createInformer } from './informer.ts';
import type { KubeObject, Resource } from './resource.ts';

const KIND: Resource = {
  group: 'example.com',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
};
const thing = { metadata: { name: 'a', uid: 'a', resourceVersion: '1' } } as KubeObject;

/** An API server that has the kind, or not. */
function server(state: { has: boolean }): KubeClient {
  const list = async () => {
    if (!state.has) throw new ApiError(404, { reason: 'NotFound' }, 'things');
    return { items: [thing], resourceVersion: '1' };
  };
  const watch = (_: Resource, { signal }: { signal?: AbortSignal }) =>
    new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('over'))));
  return { list, watch } as unknown as KubeClient;
}

const settings = { backoff: { baseMs: 1, capMs: 5 } };

test('a kind that a cluster need not have counts as one without objects, until it has it', async () => {
  const state = { has: false };
  const informer = createInformer(server(state), KIND, { optional: true, settings });
  const stop = new AbortController();
  const running = informer.start(stop.signal);
  await informer.synced;
  expect(informer.store.list()).toEqual([]);
  expect(informer.trouble()).toBeUndefined();
  state.has = true;
  await vi.waitFor(() => expect(informer.store.size).toBe(1));
  stop.abort();
  await running;
});

test('any other is waited for', async () => {
  const informer = createInformer(server({ has: false }), KIND, { settings });
  const stop = new AbortController();
  const running = informer.start(stop.signal);
  await vi.waitFor(() => expect(informer.stats.failures).toBeGreaterThan(2));
  expect(informer.trouble()).toBe('things: not listed yet');
  stop.abort();
  await running;
});
