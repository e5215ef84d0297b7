import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Kills the operator before and after each kind of write of each operation: npm run -s kills -- --only 'Resize: after,Rebuild' */
const { values } = parseArgs({ options: { only: { type: 'string', default: 'all' } } });
const root = join(import.meta.dirname, '../..');
const { status } = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--project', 'integration', 'test/integration/faults/kills.test.ts', '--disable-console-intercept'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, BERTH_KILLS: values.only } },
);
process.exitCode = status ?? 1;
