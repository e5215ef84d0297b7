import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, quote } from './docker.ts';
import { getJson, kubectl, until } from './kubectl.ts';
import { BINARIES, CLUSTER, KUBECONFIG, NODES, SHARED_VOLUMES, WORK } from './paths.ts';
import { pipe, run, succeeds } from './shell.ts';

const KIND = join(BINARIES, 'kind');
const PODS = '10.244.0.0/16';
const NETWORK_FILE = '/etc/cni/net.d/10-berth.conflist';
/** Where nodes have the folder that they share. */
export const VOLUMES_ON_NODES = '/var/lib/berth-volumes';

interface Node {
  metadata: { name: string };
  spec: { podCIDR?: string };
  status: { addresses: { type: string; address: string }[] };
}

/** Is there a cluster of ours? */
export const clusterExists = async (): Promise<boolean> =>
  (await run(KIND, ['get', 'clusters'])).split('\n').includes(CLUSTER);

/**
 * A cluster of one control plane and two workers that share a folder. With `ownNetwork` the nodes come without a CNI plugin: pods get
 * their addresses by ptp and host-local, and routes between the nodes.
 */
export async function createCluster(image: string, ownNetwork: boolean): Promise<void> {
  mkdirSync(SHARED_VOLUMES, { recursive: true });
  chmodSync(SHARED_VOLUMES, 0o777);
  const extraMounts = [{ hostPath: SHARED_VOLUMES, containerPath: VOLUMES_ON_NODES }];
  const config = {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { disableDefaultCNI: ownNetwork, podSubnet: PODS, serviceSubnet: '10.96.0.0/16' },
    nodes: ['control-plane', 'worker', 'worker'].map((role) => ({ role, extraMounts })),
  };
  const file = join(WORK, 'cluster.json'); // YAML, too
  writeFileSync(file, JSON.stringify(config, null, 2));
  const args = ['--name', CLUSTER, '--image', image, '--config', file, '--kubeconfig', KUBECONFIG];
  await run(KIND, ['create', 'cluster', ...args, '--retain']);
  if (ownNetwork) await connectPods();
  await kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=180s');
}

export async function deleteCluster(): Promise<void> {
  await run(KIND, ['delete', 'cluster', '--name', CLUSTER, '--kubeconfig', KUBECONFIG]);
  await pipe(`rm -rf ${quote(SHARED_VOLUMES)}`);
}

/** Puts an image of the engine, or an archive, into the nodes' stores. */
export async function loadImage(source: { tag: string } | { archive: string }, nodes = NODES): Promise<void> {
  const from = 'tag' in source ? `docker save ${quote(source.tag)}` : `cat ${quote(source.archive)}`;
  await Promise.all(
    nodes.map((node) =>
      pipe(`${from} | docker exec -i ${node} ctr -n k8s.io images import --all-platforms --digests -`),
    ),
  );
}

/** Files an image that the nodes have under more names: a node then needs not pull those. */
export async function alsoNamed(image: string, names: readonly string[]): Promise<void> {
  const tags = names.map((name) => `ctr -n k8s.io images tag --force ${image} ${name}`).join('\n');
  await Promise.all(NODES.map((node) => docker('exec', node, 'sh', '-euc', tags)));
}

/** Tells a node that has booted anew about its pods' network, unless it has a CNI plugin that does so. */
export async function reconnectPods(node: string): Promise<void> {
  const isOurs = await succeeds('docker', ['exec', node, 'test', '-e', NETWORK_FILE]);
  if (!isOurs) return;
  const { items } = await getJson<{ items: Node[] }>('nodes');
  const own = items.find(({ metadata }) => metadata.name === node);
  if (own) await docker('exec', node, 'sh', '-euc', networkOf(own, items));
}

async function connectPods(): Promise<void> {
  await kubectl('-n', 'kube-system', 'delete', 'deployment', 'coredns', '--ignore-not-found');
  const nodes = await until('addresses for the pods of all nodes', 120, async () => {
    const { items } = await getJson<{ items: Node[] }>('nodes');
    return items.length === NODES.length && items.every(({ spec }) => spec.podCIDR) ? items : undefined;
  });
  await Promise.all(
    nodes.map((node) => docker('exec', node.metadata.name, 'sh', '-euc', networkOf(node, nodes))),
  );
}

/** What a node is told: how its pods get addresses, where those of other nodes are, and under which address pods reach the world. */
export function networkOf({ metadata, spec }: Node, nodes: readonly Node[]): string {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/cni-ipam-state',
    ranges: [[{ subnet: spec.podCIDR }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const list = {
    cniVersion: '0.3.1',
    name: 'berth',
    plugins: [
      { type: 'ptp', ipMasq: false, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  const routes = nodes
    .filter((other) => other.metadata.name !== metadata.name)
    .map((other) => `ip route replace ${other.spec.podCIDR} via ${addressOf(other)}`);
  return [
    ...routes,
    `iptables -t nat -A POSTROUTING -s ${PODS} ! -d ${PODS} -j MASQUERADE`,
    `echo ${quote(JSON.stringify(list))} > ${NETWORK_FILE}`,
  ].join('\n');
}

const addressOf = ({ status }: Node): string =>
  status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
