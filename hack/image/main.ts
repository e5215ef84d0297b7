import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Built, imageContents } from './build.ts';
import { ociImage } from './oci.ts';

/**
 * Writes dist/berth-image.tar and dist/berth-image.cdx.json, and says how large the image is and what its digest is.
 * `--root DIR` writes the image's files there instead, for the Dockerfile.
 */
const { root } = parseArgs({ options: { root: { type: 'string' } } }).values;
const contents = await imageContents();
if (root === undefined) writeArchive(join(import.meta.dirname, '../../dist'), contents);
else writeFiles(root, contents);

function writeArchive(folder: string, { layers, config, sbom, packages }: Built): void {
  const { archive, digest } = ociImage(layers, config);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'berth-image.tar'), archive);
  writeFileSync(join(folder, 'berth-image.cdx.json'), sbom);
  const size = (archive.length / 2 ** 20).toFixed(1);
  process.stdout.write(`dist/berth-image.tar       ${config.name}, ${size} MiB, ${digest}\n`);
  process.stdout.write(`dist/berth-image.cdx.json  bill of materials: Node and ${packages} packages\n`);
}

function writeFiles(folder: string, { layers }: Built): void {
  for (const { path, content, mode = content ? 0o644 : 0o755 } of layers.flat()) {
    const target = join(folder, path);
    mkdirSync(content ? dirname(target) : target, { recursive: true });
    if (content) writeFileSync(target, content);
    chmodSync(target, mode);
  }
}
