import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kubeconfigOfAccount } from './berth-account.ts';
import type { Cluster } from './cluster.ts';
import { type HelmName, helm, ROOT } from './helm.ts';
import { freePort, OperatorProcess } from './operator-process.ts';

const run = promisify(execFile);
export const NAMESPACE = 'berth-system';

/**
 * A release of the chart on a cluster where no container runs: pods are kept off the fleet's nodes, which would say that they
 * run. Each of the Deployment's pods is played by a process that has the arguments, the environment and the service account of the
 * chart, and the API server reaches it through the chart's webhook configuration, led to loopback.
 */

/**
 * The version before this one, its chart and the code that goes with it: the root of it, or of this one if there is none.
 * `user` names the folder, which is its own.
 */
export async function versionBefore(user: string): Promise<string> {
  const root = join(ROOT, '.berth/previous', user);
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  const script = 'git archive HEAD~1 charts operator package.json | tar -x -C "$0"';
  await run('bash', ['-c', `set -o pipefail; ${script}`, root], { cwd: ROOT }).catch(() => undefined);
  if (!existsSync(join(root, 'charts/berth/Chart.yaml'))) return ROOT; // a shallow clone, or the first with a chart
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return root;
}

/** Helm 4 applies on the server, where the ports that `leadWebhooksTo` set are kubectl's by now. */
const TAKES_BACK = { 'Helm 3': [], 'Helm 4': ['--force-conflicts'] };

export async function release(
  { kubeconfigPath }: Pick<Cluster, 'kubeconfigPath'>,
  name: HelmName,
  verb: 'install' | 'upgrade',
  root: string,
  ...more: string[]
): Promise<void> {
  const where = ['--kubeconfig', kubeconfigPath, '-n', NAMESPACE, '--set', 'nodeSelector.nowhere=here'];
  const how = verb === 'install' ? ['--create-namespace'] : TAKES_BACK[name];
  await helm(name, verb, 'berth', join(root, 'charts/berth'), ...where, ...how, ...more);
}

export interface Replica {
  operator: OperatorProcess;
  webhookPort: number;
}

/** What a pod of the Deployment would run, and as whom. */
export async function startReplica(cluster: Cluster, identity: string, root: string): Promise<Replica> {
  const text = await cluster.kubectl('get', 'deployment', 'berth', '-n', NAMESPACE, '-o', 'json');
  const { spec } = JSON.parse(text) as {
    spec: { template: { spec: { serviceAccountName: string; containers: { args: string[] }[] } } };
  };
  const { serviceAccountName, containers } = spec.template.spec;
  const args = containers[0]?.args.filter((it) => !it.startsWith('--identity=')) ?? [];
  const webhookPort = await freePort();
  const kubeconfig = await kubeconfigOfAccount(cluster, NAMESPACE, serviceAccountName);
  const more = ['--kubeconfig', kubeconfig, '--webhook-port', `${webhookPort}`];
  return { operator: await OperatorProcess.run(identity, [...args, ...more], root), webhookPort };
}

/** The Service has no pods: it becomes a name for loopback, and the port is of what is there. */
export async function leadWebhooksTo({ kubectl }: Cluster, port: number): Promise<void> {
  const service = {
    spec: {
      type: 'ExternalName',
      externalName: 'localhost',
      clusterIP: null,
      clusterIPs: null,
      selector: null,
    },
  };
  const how = ['-n', NAMESPACE, '--type=merge', '-p', JSON.stringify(service)];
  await kubectl('patch', 'service', 'berth-webhook', ...how);
  const kind = 'mutatingwebhookconfiguration';
  const { webhooks } = JSON.parse(await kubectl('get', kind, 'berth', '-o', 'json')) as {
    webhooks: object[];
  };
  const patch = webhooks.map((_, index) => ({
    op: 'replace',
    path: `/webhooks/${index}/clientConfig/service/port`,
    value: port,
  }));
  await kubectl('patch', kind, 'berth', '--type=json', '-p', JSON.stringify(patch));
}
