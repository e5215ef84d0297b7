import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BERTH_IMAGE } from './berth-image.ts';
import { VOLUMES_ON_NODES } from './cluster.ts';
import { apply, applyText, kubectl } from './kubectl.ts';
import { ROOT } from './paths.ts';
import { TOOLS_IMAGE } from './tools-image.ts';
import { KUBEVIRT } from './versions.ts';

const NAMESPACE = 'cdi';
const NAME = 'cdi-stand-in';
/** All alike here; the names are those that config/samples asks for. The first is the default. */
const STORAGE_CLASSES = ['shared', 'immediate', 'wffc'];
const SOURCES = join(import.meta.dirname, 'cdi');
const KINDS = join(ROOT, 'hack/localcluster/install/generated');

/** CDI's kinds, the class of shared volumes, and the program of hack/kind/cdi, which Berth's image runs: it has Node. */
export async function installStandIn(registry: string): Promise<void> {
  const kinds = readdirSync(KINDS).filter((file) => file.endsWith('.yaml'));
  if (kinds.length === 0)
    throw new Error(`${KINDS} has no kinds of CDI: remove bin/.localcluster.stamp, and make build`);
  for (const file of kinds) await applyText(readFileSync(join(KINDS, file), 'utf8'));
  await kubectl('delete', 'storageclass', 'standard', '--ignore-not-found');
  await apply(
    ...access(),
    ...STORAGE_CLASSES.map(storageClass),
    sources(),
    deployment(`${registry}/virt-launcher:${KUBEVIRT}`),
  );
  await kubectl('-n', NAMESPACE, 'wait', '--for=condition=Available', `deployment/${NAME}`, '--timeout=180s');
}

const storageClass = (name: string, index: number) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': `${index === 0}` } },
  provisioner: 'shared.kind.berth.dev',
  volumeBindingMode: 'Immediate',
  reclaimPolicy: 'Delete',
  allowVolumeExpansion: true,
});

const access = () => [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace: NAMESPACE } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: NAME },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
  },
];

function sources(): object {
  const files = readdirSync(SOURCES).filter((name) => !name.endsWith('.test.ts'));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: NAME, namespace: NAMESPACE },
    data: {
      ...Object.fromEntries(files.map((name) => [name, readFileSync(join(SOURCES, name), 'utf8')])),
      'package.json': '{"type":"module"}',
    },
  };
}

function deployment(qemuImage: string): object {
  const labels = { app: NAME };
  const env = {
    STORAGE_CLASSES: STORAGE_CLASSES.join(','),
    FOLDER: VOLUMES_ON_NODES,
    TOOLS_IMAGE,
    QEMU_IMAGE: qemuImage,
    NODE_EXTRA_CA_CERTS: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: labels },
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: NAME,
          containers: [
            {
              name: NAME,
              image: BERTH_IMAGE,
              imagePullPolicy: 'IfNotPresent',
              command: ['/usr/bin/node', '/cdi/main.ts'],
              env: Object.entries(env).map(([name, value]) => ({ name, value })),
              securityContext: { runAsUser: 0 },
              volumeMounts: [
                { name: 'sources', mountPath: '/cdi' },
                { name: 'volumes', mountPath: VOLUMES_ON_NODES },
              ],
            },
          ],
          volumes: [
            { name: 'sources', configMap: { name: NAME } },
            { name: 'volumes', hostPath: { path: VOLUMES_ON_NODES, type: 'Directory' } },
          ],
        },
      },
    },
  };
}
