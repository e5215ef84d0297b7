import { expect, test } from 'vitest';
import { DATA_VOLUME, type DataVolume } from '#adapters/kubevirt/types.ts';
import { IMAGE_FINALIZER } from '#api/constants.ts';
import type { Image, ImageStatus } from '#api/image.ts';
import type { KubeClient } from '#runtime/client.ts';
import { ApiError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import { keyOf, type Manifest, type Resource } from '#runtime/resource.ts';
import { Store } from '#runtime/store.ts';
import { type Caches, INDEXERS } from '../caches.ts';
import type { HeldImages } from './held-images.ts';
import { imageReconciler } from './reconciler.ts';

function golden(metadata: Partial<Image['metadata']> = {}): Image {
  return {
    apiVersion: 'compute.berth.dev/v1alpha1',
    kind: 'Image',
    metadata: {
      name: 'golden',
      namespace: 'default',
      uid: 'uid-golden',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: [IMAGE_FINALIZER],
      ...metadata,
    },
    spec: { source: { http: { url: 'https://images.example/a' } }, minDiskGiB: 5, minMemoryMiB: 0 },
  };
}

function volume(name: string, spec: object, owner = 'uid-golden'): DataVolume {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '2',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Owner', name: 'owner', uid: owner }],
    },
    spec: { storage: { resources: { requests: { storage: '5Gi' } } }, ...spec },
  } as unknown as DataVolume;
}

/** One Image, and an API server with DataVolumes that the cache does not know of until it is told. */
function world(image: Image, volumes: DataVolume[] = []) {
  const caches = {
    images: new Store<Image>(),
    dataVolumes: new Store<DataVolume>({ indexers: INDEXERS.dataVolumes }),
  };
  caches.images.replace([image], '1');
  caches.dataVolumes.replace([], '1');
  const said: ImageStatus[] = [];
  const creations: string[] = [];
  let released = false;
  const client = {
    create: async (_: Resource, manifest: Manifest) => {
      const { name = '' } = manifest.metadata;
      creations.push(name);
      if (volumes.some((it) => it.metadata.name === name))
        throw new ApiError(409, { reason: 'AlreadyExists' }, 'create');
      const made = volume(name, {});
      volumes.push(made);
      return made;
    },
    get: async (_: Resource, key: string) => {
      const there = volumes.find((it) => keyOf(it) === key);
      if (!there) throw new ApiError(404, { reason: 'NotFound' }, 'get');
      return there;
    },
    list: async (resource: Resource) => ({
      items: resource === DATA_VOLUME ? volumes : [],
      resourceVersion: '2',
    }),
    apply: async (_: Resource, { status }: Manifest) => {
      said.push(status as ImageStatus);
      return image;
    },
    patch: async () => {
      released = true;
      return image;
    },
  };
  const reconciler = imageReconciler({
    client: client as unknown as KubeClient,
    caches: caches as Partial<Caches> as Caches,
    held: { countOf: () => 0 } as unknown as HeldImages,
    allowed: undefined,
    now: () => new Date('2026-01-01T01:00:00Z'),
  });
  return {
    creations,
    reconcile: () =>
      reconciler.reconcile(keyOf(image), { log: silentLogger, signal: new AbortController().signal }),
    reason: () => said.at(-1)?.conditions?.find(({ type }) => type === 'Ready')?.reason,
    message: () => said.at(-1)?.conditions?.find(({ type }) => type === 'Ready')?.message,
    isReleased: () => released,
  };
}

test('a second look before the watch tells of the volume makes no second one', async () => {
  const { reconcile, creations, reason } = world(golden());
  await reconcile();
  await reconcile();
  expect([creations, reason()]).toEqual([['image-golden'], 'Pending']);
});

test('a volume that it made before, and that the cache does not know of, is its own', async () => {
  const { reconcile, reason } = world(golden(), [volume('image-golden', {})]);
  await reconcile();
  expect(reason()).toBe('Pending');
});

test("another owner's volume of that name is in the way", async () => {
  const { reconcile, reason, message } = world(golden(), [volume('image-golden', {}, 'uid-other')]);
  await reconcile();
  expect(reason()).toBe('NameConflict');
  expect(message()).toContain('remove it');
});

test('deleted, it stays for a copy that the cache does not know of yet', async () => {
  const copy = volume('web-root', { source: { pvc: { namespace: 'default', name: 'image-golden' } } });
  const image = golden({ deletionTimestamp: '2026-01-01T00:30:00Z' });
  const busy = world(image, [copy]);
  expect(await busy.reconcile()).toHaveProperty('requeueAfterMs');
  expect([busy.isReleased(), busy.reason()]).toEqual([false, 'BeingDeleted']);
  const free = world(image, [{ ...copy, status: { phase: 'Succeeded' } }]);
  await free.reconcile();
  expect(free.isReleased()).toBe(true);
});
