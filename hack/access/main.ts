import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BERTH_RIGHTS } from './berth.ts';
import { compare, inWords } from './compare.ts';
import type { Use } from './rights.ts';

/**
 * Compares what the operators of the last run of the integration tests used (.berth/access) with what the operator may do.
 * Fails when a right is missing, or when the whole suite has run and a right was of no use.
 */
const ROOT = join(import.meta.dirname, '../..');
const RECORDS = join(ROOT, '.berth/access');
const OWN_NAMESPACE = 'berth-system';

/** What Kubernetes lets everyone do who has logged in (the role system:basic-user). */
const EVERYONES = ['create selfsubjectreviews.authentication.k8s.io'];

interface Recorded {
  file: string;
  uses: Use[];
}

const records = (existsSync(RECORDS) ? readdirSync(RECORDS) : []).map(
  (name) => JSON.parse(readFileSync(join(RECORDS, name), 'utf8')) as Recorded,
);
const expected = readdirSync(join(ROOT, 'test/integration/operator')).filter((it) => it.endsWith('.test.ts'));
const absent = expected.filter((name) => !records.some(({ file }) => file.endsWith(`operator/${name}`)));
const { missing, unused } = compare(
  BERTH_RIGHTS,
  records.flatMap(({ uses }) => uses).filter((use) => !EVERYONES.includes(inWords(use))),
  OWN_NAMESPACE,
);

for (const use of missing)
  console.error(`not allowed: ${inWords(use)} ${use.namespace ?? ''}/${use.name ?? ''}`);
for (const right of unused) console.error(`used by no test: ${right}`);
const whole = `${records.length} records of ${expected.length - absent.length} of ${expected.length} test files`;
if (absent.length > 0)
  console.error(
    `${whole}: unused rights cannot be told until all have run (vitest run --project integration). No record of ${absent.join(', ')}`,
  );
else if (missing.length + unused.length === 0)
  console.log(`The operator uses all that it may do, and nothing else: ${whole}`);
if (missing.length + unused.length + absent.length > 0) {
  console.error('What the operator may do is in hack/access/berth.ts.');
  process.exitCode = 1;
}
