import { expect, test } from 'vitest';
import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { ATTACHED_TO_ANNOTATION } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { KubeClient } from '#runtime/client.ts';
import { ApiError } from '#runtime/errors.ts';
import { releaseVolumes } from './volumes.ts';

const instance = { metadata: { name: 'web', namespace: 'default', uid: 'uid-web' } } as Instance;

/** Two claims that the Instance has; somebody else writes the second just before our patch arrives, so many times. */
function claimsThatChange(times: number) {
  const attached = JSON.stringify([{ name: 'web', uid: 'uid-web', shared: false }]);
  const claims = new Map(
    ['one', 'two'].map((name) => [name, { version: 1, annotation: attached as string | null }]),
  );
  let left = times;
  const claimOf = (name: string) => {
    const { version, annotation } = claims.get(name) ?? { version: 0, annotation: null };
    const annotations = annotation === null ? {} : { [ATTACHED_TO_ANNOTATION]: annotation };
    return {
      metadata: { name, namespace: 'default', uid: name, resourceVersion: `${version}`, annotations },
    };
  };
  const client = {
    get: async (_: unknown, key: string) => claimOf(key.slice('default/'.length)),
    patch: async (_: unknown, key: string, { metadata }: { metadata: PersistentVolumeClaim['metadata'] }) => {
      const name = key.slice('default/'.length);
      const claim = claims.get(name);
      if (claim && name === 'two' && left > 0) {
        left--;
        claim.version++;
      }
      if (`${claim?.version}` !== metadata.resourceVersion)
        throw new ApiError(409, { reason: 'Conflict' }, 'patch');
      claims.set(name, { version: (claim?.version ?? 0) + 1, annotation: null });
      return claimOf(name);
    },
  } as unknown as KubeClient;
  const release = () =>
    releaseVolumes({ client, seen: () => {}, lives: () => true }, instance, [
      { name: 'one', claimName: 'one', made: false, deleteOnTermination: false },
      { name: 'two', claimName: 'two', made: false, deleteOnTermination: false },
    ]);
  return {
    release,
    held: () => [...claims].filter(([, it]) => it.annotation !== null).map(([name]) => name),
  };
}

test('a claim that somebody else writes at the same moment is released all the same, with the others of the list', async () => {
  const { release, held } = claimsThatChange(3);
  await release();
  expect(held()).toEqual([]);
});

test('one that never rests is left to another try', async () => {
  const { release, held } = claimsThatChange(100);
  await expect(release()).rejects.toThrow('409');
  expect(held()).toEqual(['two']);
});
