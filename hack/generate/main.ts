import { fileURLToPath } from 'node:url';
import { KINDS } from '#api/kinds.ts';
import { differences, generatedFiles, writeFiles } from './files.ts';

/**
 * Writes crds/ and docs/reference/ from operator/api. With --check, writes nothing, lists what differs on
 * standard error, and exits with 1 if anything does.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = generatedFiles(KINDS);

if (process.argv.includes('--check')) {
  const found = await differences(root, wanted);
  for (const line of found) console.error(line);
  if (found.length > 0) {
    console.error('Run `npm run generate` and commit what it changes.');
    process.exitCode = 1;
  }
} else {
  for (const line of await writeFiles(root, wanted)) console.log(`written, was: ${line}`);
}
