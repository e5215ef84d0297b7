import { expect, test } from 'vitest';
import type { KubeClient } from '#runtime/client.ts';
import type { Manifest } from '#runtime/resource.ts';
import { ChecksumNotVerified, checkDataVolume, createDataVolume } from './data-volumes.ts';

/** An API server whose DataVolumes have, or have not, the field for a checksum. */
function server(keepsChecksum: boolean) {
  const created: (boolean | undefined)[] = [];
  const create = async (_: unknown, manifest: object, options?: { dryRun?: boolean }) => {
    created.push(options?.dryRun);
    const text = JSON.stringify(manifest, (key, value) =>
      key === 'checksum' && !keepsChecksum ? undefined : value,
    );
    return JSON.parse(text);
  };
  return { client: { create } as unknown as KubeClient, created };
}

const volume = (http: object) =>
  ({ metadata: { name: 'root', namespace: 'default' }, spec: { source: { http } } }) as Manifest;
const URL = 'https://images.example/a';

test('a checksum that CDI verifies is passed on', async () => {
  const { client, created } = server(true);
  const made = await createDataVolume(client, volume({ url: URL, checksum: 'md5:0' }));
  expect(made.spec.source).toEqual({ http: { url: URL, checksum: 'md5:0' } });
  expect(created).toEqual([true, undefined]);
});

test('one that would be dropped is not imported without', async () => {
  const { client, created } = server(false);
  await expect(createDataVolume(client, volume({ url: URL, checksum: 'md5:0' }))).rejects.toThrow(
    ChecksumNotVerified,
  );
  expect(created).toEqual([true]);
});

test('what is there may have the name already while it is asked', async () => {
  const { client, created } = server(true);
  await checkDataVolume(client, volume({ url: URL, checksum: 'md5:0' }));
  expect(created).toEqual([true]);
});

test('without a checksum nothing is asked', async () => {
  const { client, created } = server(false);
  await createDataVolume(client, volume({ url: URL }));
  expect(created).toEqual([undefined]);
});
