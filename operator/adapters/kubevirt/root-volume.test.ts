import { describe, expect, test } from 'vitest';
import type { Instance } from '#api/instance.ts';
import type { KubeClient } from '#runtime/client.ts';
import { ApiError } from '#runtime/errors.ts';
import type { Resource } from '#runtime/resource.ts';
import { growRootVolume, PVC, type VolumeClaim } from './root-volume.ts';

/** As CDI asks for a disk of 10 GiB with a file system: to the byte. */
const TEN_GIB = '11422785362';

const instance = (oldGiB: number | undefined) =>
  ({
    metadata: { name: 'web', namespace: 'default' },
    spec: { rootDisk: {} },
    status: oldGiB === undefined ? {} : { resize: { oldFlavor: { rootDiskGiB: oldGiB } } },
  }) as unknown as Instance;

/** An API server with one claim, of a class that lets nothing grow unless `expands`. */
function world(storage: string, expands = true) {
  const claim = {
    metadata: { name: 'web-root', namespace: 'default' },
    spec: { volumeMode: 'Filesystem', resources: { requests: { storage } } },
    status: { phase: 'Bound', capacity: { storage } },
  } as unknown as VolumeClaim;
  const asked: unknown[] = [];
  const client = {
    get: async (resource: Resource) => {
      if (resource === PVC) return claim;
      throw new ApiError(404, { reason: 'NotFound' }, 'get');
    },
    patch: async (_: Resource, __: string, { spec }: VolumeClaim) => {
      if (!expands) throw new ApiError(403, { reason: 'Forbidden' }, 'patch');
      asked.push(spec.resources?.requests?.storage);
      return { ...claim, spec: { ...claim.spec, ...spec } };
    },
  } as unknown as KubeClient;
  return { asked, client };
}

describe('a move that asks for no larger disk leaves the claim alone', () => {
  test.each([
    ['a cold migration', TEN_GIB, 10, 10],
    ['a resize of CPUs, of a claim that holds less than its Flavor by now', '10Gi', 10, 10],
    ['a revert', '30Gi', 20, 10],
    ['what is no resize', TEN_GIB, undefined, 10],
  ])('%s', async (_, storage, oldGiB, sizeGiB) => {
    const { asked, client } = world(storage, false);
    expect(await growRootVolume(client, instance(oldGiB), sizeGiB)).toBe(true);
    expect(asked).toEqual([]);
  });
});

test('a larger disk is asked for with room for its file system, and waited for', async () => {
  const { asked, client } = world(TEN_GIB);
  expect(await growRootVolume(client, instance(10), 20)).toBe(false);
  expect(asked).toEqual(['21788Mi']);
  const grown = world('21788Mi');
  expect(await growRootVolume(grown.client, instance(10), 20)).toBe(true);
  expect(grown.asked).toEqual([]);
});
