import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { down } from './down.ts';
import { ROOT } from './paths.ts';
import { run, say, step } from './shell.ts';
import { up } from './up.ts';

const tool = (name: string) => join(ROOT, 'node_modules/.bin', name);

/** A cluster, the suite of test/e2e in it, and the end of the cluster, whatever came of the suite. */
export async function e2e(): Promise<void> {
  try {
    await up();
    await suite();
  } finally {
    await down();
  }
}

/** The suite alone, in the cluster that is up. */
export async function suite(): Promise<void> {
  await step('bundle kubectl-berth', () => run(tool('node'), [join(ROOT, 'hack/bundle/main.ts')]));
  // By npm: what the suite calls finds the project's Node, and not an older one of the machine.
  const child = spawn('npm', ['run', '--silent', 'test:e2e'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, BERTH_E2E: 'kind' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the suite failed');
  say('the suite passed');
}
