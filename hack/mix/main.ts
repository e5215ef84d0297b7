import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run -s mix -- [--seed N] [--instances N] [--minutes N] [--rate N]
  A random mix of operations and faults on a local cluster; in the end every invariant is looked at.
  --seed       what is asked for, when, and what goes wrong follow from it (1)
  --instances  (200)
  --minutes    how long something new is begun (10)
  --rate       operations asked for in a second (instances / 80)
  Prints a JSON line for each operation (how many, how they ended, seconds, writes) and one for the run, which is kept in
  .berth/mix/seed-N.json as well. Ends with 1 if anything did not hold.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    instances: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const [seed, instances, minutes] = [values.seed, values.instances, values.minutes].map(Number) as [
  number,
  number,
  number,
];
const rate = values.rate === undefined ? instances / 80 : Number(values.rate);
if ([seed, instances, minutes, rate].some((it) => !Number.isFinite(it) || it < 0)) {
  console.error(USAGE);
  process.exit(2);
}
const root = join(import.meta.dirname, '../..');
const { status } = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--project', 'integration', 'test/integration/operator/mix.test.ts', '--disable-console-intercept'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, BERTH_MIX: JSON.stringify({ seed, instances, minutes, rate }) },
  },
);
process.exitCode = status ?? 1;
