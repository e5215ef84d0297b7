import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { bundle } from '../bundle/bundle.ts';
import { accounts, NONROOT, nodeBinary, sharedLibraries } from './files.ts';
import type { ImageConfig } from './oci.ts';
import { runtimePackages } from './packages.ts';
import { sbom } from './sbom.ts';
import type { Entry } from './tar.ts';

const ROOT = join(import.meta.dirname, '../..');
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const;

export interface Built {
  layers: readonly (readonly Entry[])[];
  config: ImageConfig;
  /** CycloneDX JSON; it is in the image, too. */
  sbom: string;
  packages: number;
}

/**
 * What Berth's image is made of: Node, the libraries that it needs, and the bundle. No shell, no root, nothing written while it runs. On
 * machines with the same libraries it is the same to the bit. Only on Linux.
 */
export async function imageContents(): Promise<Built> {
  const architecture = ARCHITECTURES[process.arch as keyof typeof ARCHITECTURES];
  if (process.platform !== 'linux' || !architecture)
    throw new Error(`the image is built on Linux, x64 or arm64, not on ${process.platform} ${process.arch}`);
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const node = nodeBinary(ROOT);
  const libraries = sharedLibraries(node);
  const packages = runtimePackages(ROOT);
  const bill = sbom({ version, nodeVersion: process.versions.node, packages, libraries });
  return {
    layers: [
      [...accounts, ...libraries],
      [{ path: 'usr/bin/node', content: await readFile(node), mode: 0o755 }],
      [
        ...(await application()),
        { path: 'app/sbom.cdx.json', content: Buffer.from(bill) },
        { path: 'app/LICENSE', content: await readFile(join(ROOT, 'LICENSE')) },
      ],
    ],
    config: {
      name: `berth:${version}`,
      architecture,
      user: `${NONROOT}:${NONROOT}`,
      entrypoint: ['/usr/bin/node', '--enable-source-maps', '/app/berth.mjs'],
      workingDir: '/app',
      labels: {
        'org.opencontainers.image.title': 'berth',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
    sbom: bill,
    packages: packages.length,
  };
}

/** The bundle, made in a folder of its own: what is in dist/ may be of another day. */
async function application(): Promise<Entry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-image-'));
  try {
    const { operator } = await bundle(join(folder, 'dist'));
    const map = JSON.parse(await readFile(`${operator}.map`, 'utf8')) as { sources: string[] };
    // Where the checkout lies must not show.
    const sources = map.sources.map((path) => relative(ROOT, resolve(dirname(operator), path)));
    return [
      { path: 'app/berth.mjs', content: await readFile(operator) },
      { path: 'app/berth.mjs.map', content: Buffer.from(JSON.stringify({ ...map, sources })) },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
