import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PROMCHECK = join(import.meta.dirname, '../../bin/promcheck');

/** What Prometheus' own packages find wrong with alerting rules (YAML or JSON), or with a page of metrics; a line each. */
export function promcheck(what: 'rules' | 'metrics', text: string): string[] {
  if (!existsSync(PROMCHECK))
    throw new Error(`${PROMCHECK} is missing: run \`bash hack/build-promcheck.sh\` first`);
  const { status, stdout, stderr } = spawnSync(PROMCHECK, [what], { input: text, encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error(`promcheck ${what}: ${stderr}`);
  return stdout.split('\n').filter((it) => it !== '');
}
