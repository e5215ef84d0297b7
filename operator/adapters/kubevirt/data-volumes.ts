import type { KubeClient } from '#runtime/client.ts';
import type { Manifest } from '#runtime/resource.ts';
import { DATA_VOLUME, type DataVolume } from './types.ts';

/** The CDI of this cluster would import without a look at the checksum that was given. */
export class ChecksumNotVerified extends Error {
  override readonly name = 'ChecksumNotVerified';

  constructor() {
    super(
      'the CDI of this cluster does not verify checksums, and nothing is imported unverified: install one whose DataVolumes have source.http.checksum, or leave the checksum out',
    );
  }
}

/**
 * Asks whether a DataVolume would be imported as it says. CDI came by source.http.checksum late (its pull request 4010), and the API server drops fields that
 * a kind does not have: so it is asked first what it would keep.
 * @throws ChecksumNotVerified
 */
export async function checkDataVolume(client: KubeClient, manifest: Manifest): Promise<void> {
  if (checksumOf(manifest) === undefined) return;
  const { name, ...metadata } = manifest.metadata;
  const asked = { ...manifest, metadata: { ...metadata, generateName: `${name}-` } };
  const kept = await client.create<DataVolume>(DATA_VOLUME, asked as Manifest & object, { dryRun: true });
  if (checksumOf(kept) === undefined) throw new ChecksumNotVerified();
}

/** Creates a DataVolume, if it would be imported as it says. @throws ChecksumNotVerified */
export async function createDataVolume(client: KubeClient, manifest: Manifest): Promise<DataVolume> {
  await checkDataVolume(client, manifest);
  return client.create<DataVolume>(DATA_VOLUME, manifest);
}

function checksumOf(object: object): string | undefined {
  const { spec } = object as { spec?: { source?: { http?: { checksum?: string } } } };
  return spec?.source?.http?.checksum;
}
