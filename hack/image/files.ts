import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Entry } from './tar.ts';

export const NONROOT = 65532;

/** Loaded by name while it runs, so that ldd does not list it: names of hosts are looked up with it. */
const BY_NAME = ['libresolv.so.2', 'libnss_dns.so.2'];

/** Node's binary of this machine's platform, as npm brought it. */
export const nodeBinary = (root: string): string => realpathSync(join(root, 'node_modules/.bin/node'));

/**
 * The shared libraries that Node needs, from this machine (Debian's image of the Dockerfile, elsewhere), under the paths that
 * its loader looks at.
 * @throws Error where one is missing.
 */
export function sharedLibraries(node: string): Entry[] {
  const text = execFileSync('ldd', [node], { encoding: 'utf8' });
  if (text.includes('not found')) throw new Error(`a library that Node needs is missing:\n${text}`);
  const found = [...text.matchAll(/(\/\S+) \(0x/g)].map((it) => it[1] ?? '');
  const folder = dirname(found.find((path) => basename(path) === 'libc.so.6') ?? '/lib');
  const all = [...found, ...BY_NAME.map((name) => join(folder, name))];
  return all.map((path) => ({
    path: path.slice(1),
    content: readFileSync(path),
    mode: 0o755,
  }));
}

/** What a process without root expects of a file system. There is no shell in it, and no package manager. */
export const accounts: readonly Entry[] = [
  { path: 'etc/passwd', content: Buffer.from(passwd()) },
  { path: 'etc/group', content: Buffer.from(`root:x:0:\nnonroot:x:${NONROOT}:\n`) },
  { path: 'etc/nsswitch.conf', content: Buffer.from('hosts: files dns\n') },
  { path: 'tmp', mode: 0o1777 },
];

function passwd(): string {
  return `root:x:0:0:root:/:/nonexistent\nnonroot:x:${NONROOT}:${NONROOT}:nonroot:/tmp:/nonexistent\n`;
}
