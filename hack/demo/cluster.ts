import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIR, LOCALCLUSTER } from './paths.ts';
import { run } from './run.ts';
import { say } from './screen.ts';

const NODES = 6;
const ZONES = 3;
const PATIENCE = '4m';

/** Starts the control plane and the simulated fleet, unless they run already. */
export async function startCluster(): Promise<void> {
  const size = ['--fleet-nodes', `${NODES}`, '--fleet-zones', `${ZONES}`];
  await run(LOCALCLUSTER, ['up', '--dir', DIR, '--name', 'demo', '--timeout', PATIENCE, ...size], {
    onLine: (line) => say(line.replace(/^\[ *[\d.]+s\] /, '').replace(/: export KUBECONFIG=.*/, '')),
  });
}

/** The process that the whole cluster ends with. */
export function supervisorPid(): number {
  const { pid } = JSON.parse(readFileSync(join(DIR, 'state.json'), 'utf8')) as { pid: number };
  return pid;
}
