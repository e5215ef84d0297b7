import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadImage } from './cluster.ts';
import { ROOT, WORKERS } from './paths.ts';
import { run } from './shell.ts';
import { fingerprint, once } from './stamp.ts';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const NODE = join(ROOT, 'node_modules/.bin/node');
const ARCHIVE = join(ROOT, 'dist/berth-image.tar');
/** What goes into the image, or decides how. */
const SOURCES = ['operator', 'hack/image', 'hack/bundle', 'package.json', 'package-lock.json', 'LICENSE'];

export const BERTH_IMAGE = `berth:${version}`;

/** Builds Berth's image of this checkout, as `make image` does, unless it is the one of before. */
export async function buildBerth(): Promise<void> {
  const git = (...args: string[]) => run('git', [...args, '--', ...SOURCES], { cwd: ROOT });
  const wanted = fingerprint([await git('ls-files', '--stage'), await git('diff')]);
  const build = async () => void (await run(NODE, [join(ROOT, 'hack/image/main.ts')]));
  await once("Berth's image", wanted, build, () => existsSync(ARCHIVE));
}

/** Puts it into the stores of the nodes whose pods may run it. */
export const loadBerth = (): Promise<void> => loadImage({ archive: ARCHIVE }, WORKERS);
