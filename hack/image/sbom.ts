import { createHash } from 'node:crypto';
import type { RuntimePackage } from './packages.ts';
import type { Entry } from './tar.ts';

/** What an image is made of. */
export interface Contents {
  version: string;
  nodeVersion: string;
  packages: readonly RuntimePackage[];
  /** Shared libraries, as they lie in the image. */
  libraries: readonly Entry[];
}

/**
 * The bill of materials, in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). It has no time and no serial number, so
 * that the same image has the same one.
 */
export function sbom({ version, nodeVersion, packages, libraries }: Contents): string {
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'container',
        'bom-ref': 'berth',
        name: 'berth',
        version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: [
      {
        type: 'application',
        'bom-ref': `pkg:generic/node@${nodeVersion}`,
        name: 'node',
        version: nodeVersion,
        purl: `pkg:generic/node@${nodeVersion}`,
        licenses: [{ license: { id: 'MIT' } }],
      },
      ...packages.map(packageComponent),
      ...libraries.map(libraryComponent),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function packageComponent({ name, version, license, integrity }: RuntimePackage) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const [algorithm = '', digest = ''] = integrity.split('-');
  const hash = { alg: algorithm.toUpperCase().replace('SHA', 'SHA-'), content: hexOf(digest) };
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: [/ (OR|AND) /.test(license) ? { expression: license } : { license: { id: license } }],
    ...(integrity && { hashes: [hash] }),
  };
}

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

function libraryComponent({ path, content = new Uint8Array() }: Entry) {
  const content256 = createHash('sha256').update(content).digest('hex');
  return {
    type: 'file',
    'bom-ref': `file:${path}`,
    name: path,
    hashes: [{ alg: 'SHA-256', content: content256 }],
  };
}
