import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Three active schedulers race for claims on a real API server: npm run -s races -- --claims 100000 */
const { values } = parseArgs({ options: { claims: { type: 'string', default: '100000' } } });
const root = join(import.meta.dirname, '../..');
const { status } = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--project', 'integration', 'test/integration/races/races.test.ts'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, BERTH_CLAIMS: values.claims } },
);
process.exitCode = status ?? 1;
