import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of the lock file that the operator runs with. */
export interface RuntimePackage {
  name: string;
  version: string;
  /** An SPDX expression, as the package has it. */
  license: string;
  /** Of the archive in the registry: `sha512-` and base64. */
  integrity: string;
  /** Named in package.json, not by another package only. */
  direct: boolean;
}

/** Node's own binary comes as packages, one for each platform; it is listed by itself. */
const NODE = /^node-(bin-)?(linux|darwin)-/;

interface Locked {
  version?: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
  dependencies?: Record<string, string>;
}

/** All packages that package-lock.json has for running, sorted by name. The bundle holds what of them is used. */
export function runtimePackages(root: string): RuntimePackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const direct = Object.keys(lock.packages['']?.dependencies ?? {});
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { version = '', license = '', integrity = '' }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, license, integrity, direct: direct.includes(name) };
    })
    .filter(({ name }) => !NODE.test(name))
    .sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** Licences under which a package may be handed on with Berth, which is Apache-2.0. */
export const ALLOWED_LICENSES = [
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'PSF-2.0',
  'Unlicense',
  'BlueOak-1.0.0',
];

/** Of a choice, one allowed licence is enough: `(BSD-3-Clause OR GPL-2.0)`. */
export const isAllowed = (license: string): boolean =>
  license
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((it) => ALLOWED_LICENSES.includes(it.trim())));
