import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BINARIES, WORK } from './paths.ts';
import { run, say, succeeds } from './shell.ts';

const FOLDER = join(WORK, 'engine');
const SOCKET = join(FOLDER, 'docker.sock');
const PID_FILE = join(FOLDER, 'dockerd.pid');
const SYSCTL_FILE = join(FOLDER, 'sysctl.json');
const OWN_HOST = `unix://${SOCKET}`;

/** What dockerd and kubelets change for the whole machine. */
const SYSCTLS = ['net/ipv4/ip_forward', 'kernel/panic', 'kernel/panic_on_oops', 'vm/overcommit_memory'];

/** Where the cluster's Services live; no packet for one may leave the machine. */
const SERVICES = ['-d', '10.96.0.0/16', '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset'];

/** Is there an engine that the user has? */
export const userHasEngine = (): Promise<boolean> => succeeds('timeout', ['20', 'docker', 'info']);

/**
 * Starts a Docker engine of our own, with its data in our folder, unless it runs; and has all later commands talk to it. It runs with a runtime that
 * asks for no capability which this machine does not give.
 */
export async function startEngine(): Promise<void> {
  process.env.DOCKER_HOST = OWN_HOST;
  if (await engineAnswers()) return;
  mkdirSync(FOLDER, { recursive: true });
  rmSync(PID_FILE, { force: true });
  if (!existsSync(SYSCTL_FILE)) writeFileSync(SYSCTL_FILE, JSON.stringify(readSysctls()));
  const log = openSync(join(WORK, 'dockerd.log'), 'w');
  const args = [
    ...['--host', OWN_HOST, '--data-root', join(FOLDER, 'data'), '--exec-root', join(FOLDER, 'run')],
    ...['--pidfile', PID_FILE, '--add-runtime', `fitting=${join(BINARIES, 'runc')}`],
    ...['--default-runtime', 'fitting'],
  ];
  const child = spawn('dockerd', args, { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  let ended = false;
  child.on('error', () => {
    ended = true;
  });
  child.on('exit', () => {
    ended = true;
  });
  for (let i = 0; i < 300 && !ended; i++) {
    if (await engineAnswers()) return say('the Docker engine runs');
    await sleep(200);
  }
  throw new Error(`dockerd does not start: see ${join(WORK, 'dockerd.log')}`);
}

/** Was an engine of ours started, and not stopped since? It may have died. */
export const ownEngineWasStarted = (): boolean => existsSync(SYSCTL_FILE);

/** Has later commands talk to the engine of ours, if it runs; else they talk to the user's. */
export async function useOwnEngine(): Promise<void> {
  if (existsSync(SOCKET) && (await succeeds('docker', ['--host', OWN_HOST, 'info'])))
    process.env.DOCKER_HOST = OWN_HOST;
}

/** Ends the engine if it is ours, and puts back what it and the nodes changed on this machine. */
export async function stopEngine(): Promise<void> {
  if (existsSync(PID_FILE)) {
    const pid = Number(readFileSync(PID_FILE, 'utf8'));
    if (runs(pid)) process.kill(pid);
    for (let i = 0; i < 300 && runs(pid); i++) await sleep(100);
  }
  if (!existsSync(SYSCTL_FILE)) return;
  for (const [name, value] of Object.entries(
    JSON.parse(readFileSync(SYSCTL_FILE, 'utf8')) as Record<string, string>,
  ))
    writeFileSync(`/proc/sys/${name}`, value);
  rmSync(SYSCTL_FILE);
}

/**
 * Until a Service has an endpoint, nodes do not translate its address, and a packet for it would travel on to whoever has that address out
 * there; kube-apiserver keeps such a connection for good, and APIServices never get available. Refused, it tries again.
 */
export async function keepServicesIn(): Promise<void> {
  if (!(await succeeds('iptables', ['-C', 'DOCKER-USER', ...SERVICES])))
    await run('iptables', ['-I', 'DOCKER-USER', ...SERVICES]);
}

export async function letServicesOut(): Promise<void> {
  if (await succeeds('iptables', ['-C', 'DOCKER-USER', ...SERVICES]))
    await run('iptables', ['-D', 'DOCKER-USER', ...SERVICES]);
}

const engineAnswers = () => existsSync(SOCKET) && succeeds('docker', ['info']);

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const readSysctls = (): Record<string, string> =>
  Object.fromEntries(SYSCTLS.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]));
