import { mkdirSync, rmSync } from 'node:fs';
import { pipe, run, succeeds } from './shell.ts';
import { treePath } from './trees.ts';

/** For an image whose pods name their programs without a path. */
export const PATH = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const docker = (...args: string[]): Promise<string> => run('docker', args);

export const hasImage = (tag: string): Promise<boolean> => succeeds('docker', ['image', 'inspect', tag]);

/** Makes an image of a folder, with its extended attributes; changes are lines of a Dockerfile. */
export async function importTree(folder: string, tags: readonly string[], changes: readonly string[]) {
  const options = changes.map((it) => `--change ${quote(it)}`).join(' ');
  const [first = '', ...others] = tags;
  const pack = `tar -C ${quote(folder)} --xattrs --xattrs-include=security.capability -c .`;
  await pipe(`${pack} | docker import ${options} - ${quote(first)}`);
  for (const tag of others) await docker('tag', first, tag);
}

/** An empty folder to put an image's files in. */
export function emptyTree(name: string): string {
  const folder = treePath(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
