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
 * Creates a DataVolume. CDI came by source.http.checksum late (its pull request 4010), and the API server drops fields that
 * a kind does not have: so it is asked first what it would keep.
 * @throws ChecksumNotVerified
 */
export async function createDataVolume(client: KubeClient, manifest: Manifest): Promise<DataVolume> {
  if (checksumOf(manifest) !== undefined) {
    const kept = await client.create<DataVolume>(DATA_VOLUME, manifest, { dryRun: true });
    if (checksumOf(kept) === undefined) throw new ChecksumNotVerified();
  }
  return client.create<DataVolume>(DATA_VOLUME, manifest);
}

function checksumOf(object: object): string | undefined {
  const { spec } = object as { spec?: { source?: { http?: { checksum?: string } } } };
  return spec?.source?.http?.checksum;
}
