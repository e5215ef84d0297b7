import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { supervisorPid } from './cluster.ts';
import { DIR, KUBECONFIG, LOG_LEVELS, OPERATOR_LOG, ROOT } from './paths.ts';
import { CommandFailed } from './run.ts';
import { until } from './wait.ts';

const KEEPER = join(import.meta.dirname, 'keep-operator.sh');
const PID_FILE = join(DIR, 'operator.pid');
const HEALTH_FILE = join(DIR, 'operator.health');
export const NAMESPACE = 'berth-system';

/** Starts the operator as a process of its own, which ends with the cluster. False: it runs already. */
export async function startOperator(): Promise<boolean> {
  if (isAlive() && (await health('/healthz'))) return false;
  if (!existsSync(LOG_LEVELS)) writeFileSync(LOG_LEVELS, '');
  const healthPort = await freePort();
  writeFileSync(HEALTH_FILE, `http://127.0.0.1:${healthPort}`);
  writeFileSync(PID_FILE, '');
  const node = join(ROOT, 'node_modules/.bin/node');
  const command = [node, join(ROOT, 'operator/main.ts'), ...flags(healthPort)];
  const log = openSync(OPERATOR_LOG, 'a');
  spawn('bash', [KEEPER, PID_FILE, `${supervisorPid()}`, ...command], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', log, log],
  }).unref();
  closeSync(log);
  return true;
}

function flags(healthPort: number): string[] {
  return [
    ...['--kubeconfig', KUBECONFIG, '--namespace', NAMESPACE],
    ...['--bind-address', '127.0.0.1', '--webhook-host', '127.0.0.1', '--webhook-port', '0'],
    ...['--health-port', `${healthPort}`],
    ...['--log-format', 'text', '--log-control', LOG_LEVELS],
  ];
}

/** Waits until every store is filled and the webhook answers. @throws CommandFailed when the operator has ended. */
export const operatorReady = (seconds: number): Promise<void> =>
  until(seconds, async () => {
    const answer = await health('/readyz');
    if (answer?.ok) return undefined;
    if (pid() !== undefined && !isAlive()) throw new CommandFailed('the operator has ended');
    if (!answer) return 'the operator does not answer';
    return `the operator is not ready:\n${(await answer.text()).replaceAll(/^\[\+].*\n/gm, '').trim()}`;
  });

function pid(): number | undefined {
  const text = existsSync(PID_FILE) ? readFileSync(PID_FILE, 'utf8').trim() : '';
  return text ? Number(text) : undefined;
}

function isAlive(): boolean {
  const number = pid();
  try {
    return number !== undefined && process.kill(number, 0);
  } catch {
    return false;
  }
}

async function health(path: string): Promise<Response | undefined> {
  if (!existsSync(HEALTH_FILE)) return undefined;
  const url = readFileSync(HEALTH_FILE, 'utf8') + path;
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
