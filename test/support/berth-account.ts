import { writeFile } from 'node:fs/promises';
import { berthAccess } from '../../hack/access/manifests.ts';
import { BERTH_USER, type Cluster, kubeConfigOf } from './cluster.ts';

const [NAMESPACE = '', NAME = ''] = BERTH_USER.split(':').slice(2);
const tokens = new Map<string, Promise<string>>();

/**
 * A kubeconfig with a token of Berth's service account, which may do what the chart lets it do, and publish its webhooks, and
 * nothing else: a file beside the cluster's own.
 */
export async function berthKubeconfig(cluster: Cluster): Promise<string> {
  const token = tokens.get(cluster.dir) ?? makeAccount(cluster);
  tokens.set(cluster.dir, token);
  return kubeconfigWith(cluster, NAME, await token);
}

/** A kubeconfig with a token of a service account that is there (TokenRequest). */
export async function kubeconfigOfAccount(
  cluster: Cluster,
  namespace: string,
  name: string,
): Promise<string> {
  return kubeconfigWith(cluster, name, await tokenOf(cluster, namespace, name));
}

async function kubeconfigWith(cluster: Cluster, name: string, token: string): Promise<string> {
  const kubeConfig = kubeConfigOf(cluster);
  kubeConfig.users = kubeConfig.users.map((user) => ({ name: user.name, token }));
  const path = `${cluster.kubeconfigPath}.${name}`;
  await writeFile(path, kubeConfig.exportConfig(), { mode: 0o600 });
  return path;
}

async function makeAccount(cluster: Cluster): Promise<string> {
  const file = `${cluster.dir}/berth-access.json`;
  const items = berthAccess(NAMESPACE, NAME, 'outside');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await cluster.kubectl('apply', '-f', file);
  return tokenOf(cluster, NAMESPACE, NAME);
}

async function tokenOf({ kubectl }: Cluster, namespace: string, name: string): Promise<string> {
  return (await kubectl('create', 'token', name, '-n', namespace, '--duration=24h')).trim();
}
