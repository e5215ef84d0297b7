import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORK } from './paths.ts';
import { step } from './shell.ts';

/** What of a thing decides whether it has to be made again: texts, or the contents of files. */
export function fingerprint(texts: readonly string[], files: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Makes a thing unless it was made before of the same; made says whether it is still there. Gives the fingerprint. */
export async function once(
  name: string,
  wanted: string,
  make: () => Promise<void>,
  isThere: () => Promise<boolean> | boolean = () => true,
): Promise<string> {
  const file = join(WORK, 'stamps', name);
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (known === wanted && (await isThere())) return wanted;
  await step(name, make);
  mkdirSync(join(WORK, 'stamps'), { recursive: true });
  writeFileSync(file, wanted);
  return wanted;
}
