import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';

const run = promisify(execFile);
const bin = join(import.meta.dirname, '../../bin');
const prefix = 'berth-test-';

export interface ClusterOptions {
  /** The components to start, such as ['etcd', 'kube-apiserver']; all unless set. */
  only?: string[];
  fleetNodes?: number;
  fleetZones?: number;
  /** More for kube-apiserver's command line. */
  apiserverArgs?: string[];
  /** More for other command lines, as COMPONENT=ARG. */
  args?: string[];
}

/** The user that Berth runs as in a cluster. */
export const BERTH_USER = 'system:serviceaccount:berth-system:berth';

export interface Cluster {
  /** Data, certificates, kubeconfigs and logs. */
  dir: string;
  kubeconfigPath: string;
  /** Runs kubectl as the administrator and resolves with its output. */
  kubectl(...args: string[]): Promise<string>;
  /** Kills one component; resolves when it is ready again. */
  restart(component: string, options?: { downForMs?: number }): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster of its own for one test file. It ends with `stop`, or with the test process whatever its end. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  if (!existsSync(join(bin, 'localcluster')))
    throw new Error('bin/localcluster is missing: run `make build` first');
  await sweep();
  const dir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  await localcluster('up', '--dir', dir, '--owner', `${process.pid}`, ...flagsOf(options)).catch(
    explain(dir),
  );
  const kubeconfigPath = join(dir, 'kubeconfig');
  const kubectl = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(join(bin, 'kubectl'), ['--kubeconfig', kubeconfigPath, ...args]);
    return stdout;
  };
  return {
    dir,
    kubeconfigPath,
    kubectl,
    restart: (component, { downForMs = 0 } = {}) =>
      localcluster('restart', '--dir', dir, '--down-for', `${downForMs}ms`, component),
    stop: async () => {
      await localcluster('down', '--dir', dir);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The administrator's kubeconfig, by way of another server address if given. */
export function kubeConfigOf(cluster: Pick<Cluster, 'kubeconfigPath'>, server?: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  const text = readFileSync(cluster.kubeconfigPath, 'utf8');
  kubeConfig.loadFromString(server ? text.replace(/server: \S+/, `server: ${server}`) : text);
  return kubeConfig;
}

export function actingAs(cluster: Pick<Cluster, 'kubeconfigPath'>, impersonateUser: string): KubeConfig {
  const kubeConfig = kubeConfigOf(cluster);
  kubeConfig.users = kubeConfig.users.map((user) => ({ ...user, impersonateUser }));
  return kubeConfig;
}

/** Removes the folders of test processes that were killed: their clusters ended with them, the files did not. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(prefix) && name.slice(prefix.length).split('-')[0]);
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function localcluster(...args: string[]): Promise<void> {
  await run(join(bin, 'localcluster'), args);
}

/** Says what the launcher said; the folder stays, with the logs in it. */
function explain(dir: string): (error: { stderr?: string; stdout?: string }) => never {
  return (error) => {
    throw new Error(`the cluster in ${dir} did not start:\n${error.stdout}${error.stderr}`, { cause: error });
  };
}

function flagsOf({ only, fleetNodes, fleetZones, apiserverArgs = [], args = [] }: ClusterOptions): string[] {
  const flags: string[] = [];
  if (only) flags.push('--only', only.join(','));
  if (fleetNodes !== undefined) flags.push('--fleet-nodes', `${fleetNodes}`);
  if (fleetZones !== undefined) flags.push('--fleet-zones', `${fleetZones}`);
  for (const arg of apiserverArgs) flags.push('--apiserver-arg', arg);
  for (const arg of args) flags.push('--arg', arg);
  return flags;
}
