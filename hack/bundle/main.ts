import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundle } from './bundle.ts';

const paths = await bundle(join(import.meta.dirname, '../../dist'));
for (const path of Object.values(paths)) {
  const { size } = await stat(path);
  process.stdout.write(`${relative(process.cwd(), path)}  ${(size / 2 ** 20).toFixed(1)} MiB\n`);
}
