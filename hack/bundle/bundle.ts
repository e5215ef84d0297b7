import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'rolldown';

const ROOT = join(import.meta.dirname, '../..');

/** What is bundled: the file to begin with, and the name of the one file that comes out. */
const BUNDLES = {
  operator: { input: 'operator/main.ts', name: 'berth.mjs' },
  plugin: { input: 'cli/main.ts', name: 'kubectl-berth' },
} as const;

/**
 * Writes the operator (`berth.mjs`, with its source map) and the plugin of kubectl (`kubectl-berth`, executable) into a
 * folder, each with all the packages that it needs: only Node is missing. `node --enable-source-maps` makes the operator's
 * log name the lines of the source.
 * @returns their paths.
 */
export async function bundle(directory: string): Promise<{ operator: string; plugin: string }> {
  const paths = {
    operator: join(directory, BUNDLES.operator.name),
    plugin: join(directory, BUNDLES.plugin.name),
  };
  const before = [...Object.values(paths), `${paths.operator}.map`];
  await Promise.all(before.map((path) => rm(path, { force: true }))); // an image beside them stays
  await build(
    (['operator', 'plugin'] as const).map((what) => ({
      input: join(ROOT, BUNDLES[what].input),
      cwd: ROOT,
      platform: 'node' as const,
      logLevel: 'warn' as const,
      output: {
        file: paths[what],
        format: 'esm' as const,
        // Names in stacks and in the messages of errors stay what they are in the source.
        minify: { mangle: false, compress: true, codegen: true },
        sourcemap: what === 'operator',
        sourcemapExcludeSources: true,
      },
    })),
  );
  await chmod(paths.plugin, 0o755);
  return paths;
}
