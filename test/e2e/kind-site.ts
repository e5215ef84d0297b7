import { powerOff, powerOn } from '../../hack/kind/power.ts';
import type { Site } from './site.ts';
import { eventually, NAMESPACE, User } from './user.ts';

/** The cluster of `make kind-up`. */
export async function kindSite(kubeconfig: string): Promise<Site> {
  const user = new User(kubeconfig);
  return {
    user,
    image: 'berth.local/guest:1',
    storageClass: 'shared',
    zones: ['zone-a', 'zone-b'],
    realGuests: true,
    realPods: true,
    downloads: false,
    async install() {
      await user.kubectl('create', 'namespace', NAMESPACE);
      await user.kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
      await user.helm(
        'install',
        'berth',
        'charts/berth',
        '--set',
        // The nodes are one machine, and that may have two cores.
        'samples.flavors=true,config.cpuAllocationRatio=16',
        '--wait',
        '--timeout=5m',
      );
      const workers = await user.list('nodes', '-l', '!node-role.kubernetes.io/control-plane');
      for (const [index, { metadata }] of workers.entries()) {
        const zone = `topology.kubernetes.io/zone=zone-${'abc'[index]}`;
        const labels = ['compute.berth.dev/compute-node=', zone, '--overwrite'];
        await user.kubectl('label', 'node', metadata.name, ...labels);
      }
    },
    async rollOut() {
      await user.kubectl('-n', NAMESPACE, 'rollout', 'restart', 'deployment/berth');
      await user.kubectl('-n', NAMESPACE, 'rollout', 'status', 'deployment/berth', '--timeout=5m');
    },
    powerOff,
    powerOn,
    async uninstall() {
      await user.helm('uninstall', 'berth', '--wait', '--timeout=5m');
      await eventually('Berth is gone', async () => {
        const pods = await user.list('pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/name=berth');
        if (pods.length > 0) throw new Error(`${pods.length} pods`);
      });
    },
    async close() {},
  };
}
