import { diskBytes } from './claims.ts';
import type { Claim, DataVolume, Source } from './kinds.ts';

export interface PodImages {
  /** Has copy, and nothing else. */
  tools: string;
  /** Has qemu-img and a shell. */
  qemu: string;
}

/** KubeVirt's qemu user, whose a disk is. */
const QEMU = 107;

export const LABEL = 'cdi-stand-in.berth.dev/data-volume';

const mount = (name: string) => ({ name, mountPath: `/${name}` });

/** Why a source cannot be had here; undefined if it can. */
export function unsupported(source: Source = {}): string | undefined {
  if (source.registry || source.pvc || source.blank) return undefined;
  return `the stand-in for CDI has registry, pvc and blank as sources, not ${Object.keys(source).join(', ') || 'none'}`;
}

/** The pod that fills a DataVolume's claim, with qemu-img, and ends. */
export function importerPod(dataVolume: DataVolume, claim: Claim, images: PodImages): object {
  const { name, namespace, uid } = dataVolume.metadata;
  const { registry, pvc } = dataVolume.spec.source ?? {};
  const owner = { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', name, uid };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(dataVolume),
      namespace,
      labels: { [LABEL]: name },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: {
      restartPolicy: 'OnFailure',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      ...(registry && { initContainers: fromRegistry(registry.url, images) }),
      containers: [
        {
          name: 'importer',
          image: images.qemu,
          command: ['sh', '-euc', script(dataVolume)],
          terminationMessagePolicy: 'FallbackToLogsOnError',
          securityContext: { runAsUser: 0 },
          volumeMounts: [
            mount('data'),
            ...(registry ? [mount('scratch')] : []),
            ...(pvc ? [mount('source')] : []),
          ],
        },
      ],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: claim.metadata.name } },
        ...(registry ? ['tools', 'scratch'].map((it) => ({ name: it, emptyDir: {} })) : []),
        ...(pvc ? [{ name: 'source', persistentVolumeClaim: { claimName: pvc.name, readOnly: true } }] : []),
      ],
    },
  };
}

export const podName = ({ metadata }: DataVolume): string => `importer-${metadata.uid}`;

/** A container disk's image runs as a container, in which a program of ours copies its disk out. */
const fromRegistry = (url: string, images: PodImages) => [
  {
    name: 'tools',
    image: images.tools,
    command: ['/copy', '/copy', '/tools'],
    volumeMounts: [mount('tools')],
  },
  {
    name: 'image',
    image: url.replace('docker://', ''),
    imagePullPolicy: 'IfNotPresent',
    command: ['/tools/copy', '/disk', '/scratch'],
    securityContext: { runAsUser: 0 },
    volumeMounts: [mount('tools'), mount('scratch')],
  },
];

function script(dataVolume: DataVolume): string {
  const { registry, pvc } = dataVolume.spec.source ?? {};
  const [size, disk] = [diskBytes(dataVolume), '/data/disk.img'];
  const from = registry ? '"$(ls -d /scratch/* | head -n 1)"' : '/source/disk.img';
  const fill =
    registry || pvc
      ? [
          `qemu-img convert -O raw ${from} ${disk}.part`,
          `[ "$(stat -c %s ${disk}.part)" -ge ${size} ] || qemu-img resize -f raw ${disk}.part ${size}`,
        ]
      : [`qemu-img create -f raw ${disk}.part ${size}`];
  return [
    ...fill,
    `chown ${QEMU}:${QEMU} ${disk}.part`,
    `chmod 660 ${disk}.part`,
    `mv ${disk}.part ${disk}`,
  ].join('\n');
}
