import { createHash } from 'node:crypto';
import { type Entry, gzip, tar } from './tar.ts';

/** What an image does when it is run, beside its files. */
export interface ImageConfig {
  name: string;
  architecture: 'amd64' | 'arm64';
  user: string;
  entrypoint: string[];
  workingDir: string;
  labels: Record<string, string>;
}

interface Blob {
  digest: string;
  bytes: Buffer;
}

export interface Image {
  /** An archive in OCI's image layout, which `docker load`, `podman load`, `ctr images import` and skopeo read. */
  archive: Buffer;
  /** Of the manifest: what `repository@sha256:...` names. */
  digest: string;
}

const blobOf = (bytes: Buffer): Blob => ({
  digest: createHash('sha256').update(bytes).digest('hex'),
  bytes,
});
const jsonBlob = (value: object): Blob => blobOf(Buffer.from(JSON.stringify(value)));
const pathOf = ({ digest }: Blob): string => `blobs/sha256/${digest}`;

const OCI = 'application/vnd.oci.image';
const EPOCH = '1970-01-01T00:00:00Z';

/** An image of these layers, lowest first (OCI image-spec v1.1). The same input gives the same bytes. */
export function ociImage(layers: readonly (readonly Entry[])[], config: ImageConfig): Image {
  const archives = layers.map((entries) => tar(entries));
  const compressed = archives.map((bytes) => blobOf(gzip(bytes)));
  const configBlob = jsonBlob({
    created: EPOCH,
    architecture: config.architecture,
    os: 'linux',
    config: {
      User: config.user,
      Entrypoint: config.entrypoint,
      WorkingDir: config.workingDir,
      Env: ['PATH=/usr/bin', 'NODE_ENV=production'],
      Labels: config.labels,
    },
    rootfs: { type: 'layers', diff_ids: archives.map((bytes) => `sha256:${blobOf(bytes).digest}`) },
    history: layers.map(() => ({ created: EPOCH, created_by: 'make image' })),
  });
  const descriptor = (blob: Blob, mediaType: string) => ({
    mediaType,
    digest: `sha256:${blob.digest}`,
    size: blob.bytes.length,
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: descriptor(configBlob, `${OCI}.config.v1+json`),
    layers: compressed.map((blob) => descriptor(blob, `${OCI}.layer.v1.tar+gzip`)),
  });
  const index = jsonBlob({
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      {
        ...descriptor(manifest, `${OCI}.manifest.v1+json`),
        annotations: {
          // By its whole name: containerd takes it as it is, and a kubelet asks for the whole one.
          'io.containerd.image.name': `docker.io/library/${config.name}`,
          'org.opencontainers.image.ref.name': config.name,
        },
        platform: { architecture: config.architecture, os: 'linux' },
      },
    ],
  });
  // What Docker before version 25 reads.
  const docker = jsonBlob([
    { Config: pathOf(configBlob), RepoTags: [config.name], Layers: compressed.map(pathOf) },
  ]);
  const files: Entry[] = [
    { path: 'oci-layout', content: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { path: 'index.json', content: index.bytes },
    { path: 'manifest.json', content: docker.bytes },
    ...[configBlob, manifest, ...compressed].map((blob) => ({ path: pathOf(blob), content: blob.bytes })),
  ];
  return { archive: tar(files), digest: `sha256:${manifest.digest}` };
}
