import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Runs all seeds of the fault proxy, or replays the round of one: npm run -s faults -- --seed 17 */
const { values } = parseArgs({ options: { seed: { type: 'string' } } });
const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/.bin/vitest');
const file = 'test/integration/faults/seeds.test.ts';
const { status } = spawnSync(vitest, ['run', '--project', 'integration', file], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(values.seed !== undefined && { BERTH_SEED: values.seed }) },
});
process.exitCode = status ?? 1;
