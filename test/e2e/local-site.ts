import { kubeconfigOfAccount } from '#test/berth-account.ts';
import { type Cluster, startCluster } from '#test/cluster.ts';
import { FleetControl } from '#test/fleet.ts';
import { freePort, OperatorProcess } from '#test/operator-process.ts';
import type { Site } from './site.ts';
import { NAMESPACE, User } from './user.ts';

const ZONES = ['zone-a', 'zone-b', 'zone-c'];
/** That a node is lost is to be noticed soon. */
const SOON = ['kube-controller-manager=--node-monitor-grace-period=6s', 'fleet=--lease-period=1s'];

/**
 * A local cluster, started for the suite: the genuine control planes of Kubernetes and KubeVirt, without containers and guests. The chart's
 * pods are kept off the nodes, which would only say that they run; a process has their arguments and their account instead.
 */
export async function localSite(): Promise<Site> {
  const cluster = await startCluster({ fleetNodes: ZONES.length, fleetZones: ZONES.length, args: SOON });
  const fleet = new FleetControl(cluster);
  const user = new User(cluster.kubeconfigPath);
  let operator: OperatorProcess | undefined;
  const replace = async () => {
    await operator?.stop();
    operator = await play(cluster, user);
  };
  return {
    user,
    image: 'registry.example/guest:1',
    storageClass: 'shared',
    zones: ZONES,
    realGuests: false,
    realPods: false,
    downloads: true,
    async install() {
      const nowhere = ['--set', 'nodeSelector.nowhere=here', '--set', 'samples.flavors=true'];
      await user.helm('install', 'berth', 'charts/berth', '--create-namespace', ...nowhere);
      await replace();
    },
    rollOut: replace,
    powerOff: async (node) => void (await fleet.powerOff(node)),
    powerOn: async (node) => void (await fleet.resume(node)),
    async uninstall() {
      await operator?.stop();
      operator = undefined;
      await user.helm('uninstall', 'berth', '--no-hooks');
      await user.shell('node operator/main.ts release-guests --kubeconfig "$KUBECONFIG"');
    },
    async close() {
      await operator?.kill();
      await cluster.stop();
    },
  };
}

/** What a pod of the Deployment would run, and as whom; the API server reaches it by the chart's Service, led to loopback. */
async function play(cluster: Cluster, user: User): Promise<OperatorProcess> {
  const { spec } = await user.get('deployment', 'berth', '-n', NAMESPACE);
  const { template } = spec as unknown as {
    template: { spec: { serviceAccountName: string; containers: { args: string[] }[] } };
  };
  const args = template.spec.containers[0]?.args.filter((it) => !it.startsWith('--identity=')) ?? [];
  const port = await freePort();
  const kubeconfig = await kubeconfigOfAccount(cluster, NAMESPACE, template.spec.serviceAccountName);
  const here = ['--kubeconfig', kubeconfig, '--webhook-port', `${port}`];
  const operator = await OperatorProcess.run('berth-0', [...args, ...here]);
  await leadTo(user, port);
  return operator;
}

async function leadTo(user: User, port: number): Promise<void> {
  const address = { clusterIP: null, clusterIPs: null, selector: null };
  const spec = { type: 'ExternalName', externalName: 'localhost', ...address };
  const service = JSON.stringify({ spec });
  await user.kubectl('patch', 'service', 'berth-webhook', '-n', NAMESPACE, '--type=merge', '-p', service);
  const kind = 'mutatingwebhookconfiguration';
  const { webhooks } = (await user.get(kind, 'berth')) as unknown as { webhooks: object[] };
  const path = (index: number) => `/webhooks/${index}/clientConfig/service/port`;
  const patch = webhooks.map((_, index) => ({ op: 'replace', path: path(index), value: port }));
  await user.kubectl('patch', kind, 'berth', '--type=json', '-p', JSON.stringify(patch));
}
