import { apply, applyText, kubectl } from './kubectl.ts';
import { BINARIES } from './paths.ts';
import { run } from './shell.ts';
import { KUBEVIRT } from './versions.ts';

const NAMESPACE = 'kubevirt';

/** Starts KubeVirt's operator and has it deploy KubeVirt, for guests under emulation. */
export async function installKubevirt(registry: string): Promise<void> {
  await applyText(await run(`${BINARIES}/manifests`, [registry, KUBEVIRT]));
  await kubectl(
    '-n',
    NAMESPACE,
    'wait',
    '--for=condition=Available',
    'deployment/virt-operator',
    '--timeout=300s',
  );
  await apply(kubevirtObject(registry));
  await kubectl('-n', NAMESPACE, 'wait', '--for=condition=Available', 'kubevirt/kubevirt', '--timeout=900s');
}

function kubevirtObject(registry: string): object {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: NAMESPACE },
    spec: {
      imageRegistry: registry,
      imageTag: KUBEVIRT,
      imagePullPolicy: 'IfNotPresent',
      infra: { replicas: 1 },
      workloadUpdateStrategy: { workloadUpdateMethods: ['LiveMigrate'] },
      customizeComponents: { patches: soonReady },
      configuration: {
        developerConfiguration: { useEmulation: true, featureGates: ['DeclarativeHotplugVolumes'] },
        vmRolloutStrategy: 'LiveUpdate',
        // Less than any guest has: memory is not to be plugged, for which libvirt 9.0 would ask for slots that KubeVirt does not give.
        liveUpdateConfiguration: { maxGuest: '1Mi' },
        commonInstancetypesDeployment: { enabled: false },
        // Nodes share a folder: libvirt, which asks what kind of file system it is, cannot know.
        migrations: { unsafeMigrationOverride: true },
        supportContainerResources: ['container-disk', 'guest-console-log', 'hotplug-disk'].map((type) => ({
          type,
          resources: { requests: { cpu: '1m', memory: '10Mi' }, limits: { cpu: '1', memory: '60Mi' } },
        })),
      },
    },
  };
}

/** Asks soon whether they are ready: half a minute of an installation is waiting for the first look. */
const soonReady = [
  ['Deployment', 'virt-api'],
  ['Deployment', 'virt-controller'],
  ['DaemonSet', 'virt-handler'],
].map(([resourceType, resourceName]) => ({
  resourceType,
  resourceName,
  type: 'strategic',
  patch: JSON.stringify({
    spec: {
      template: {
        spec: {
          containers: [{ name: resourceName, readinessProbe: { initialDelaySeconds: 2, periodSeconds: 2 } }],
        },
      },
    },
  }),
}));
