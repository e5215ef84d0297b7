import type { PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { claimsIn } from '#adapters/kubevirt/disk-view.ts';
import type { VirtualMachineInstance } from '#adapters/kubevirt/types.ts';
import { NODES, object } from './objects.ts';
import type { Scene } from './scene.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** The nodes of a fleet whose volumes are on their own disks. */
export function addNodes(scene: Scene): void {
  for (const name of NODES) scene.put('nodes', object('Node', name, {}, { labels: { [HOSTNAME]: name } }));
}

/** The volume of a claim is on the disk of this node from now on. */
export function locate(scene: Scene, claimName: string, nodeName: string | undefined): void {
  if (!scene.isLocal || nodeName === undefined) return;
  const { volumeClaims } = scene.caches;
  const volumeName = `pv-${claimName}`;
  const expression = { key: HOSTNAME, operator: 'In', values: [nodeName] };
  const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } };
  scene.put('volumes', object('PersistentVolume', volumeName, { spec: { nodeAffinity } }));
  const claim =
    volumeClaims.get(`default/${claimName}`) ??
    object<PersistentVolumeClaim>('PersistentVolumeClaim', claimName, { spec: {} }, { namespace: 'default' });
  scene.put('volumeClaims', { ...claim, spec: { ...claim.spec, volumeName } });
}

/** Where the volume of a claim is; undefined: anywhere. */
export function placeOf(scene: Scene, claimName: string): string | undefined {
  const terms = scene.caches.volumes.get(`pv-${claimName}`)?.spec.nodeAffinity?.required?.nodeSelectorTerms;
  return terms?.[0]?.matchExpressions?.[0]?.values?.[0];
}

/** A claim of a guest that this node does not reach. */
export const outOfReach = (
  scene: Scene,
  vmi: VirtualMachineInstance | undefined,
  nodeName: string | undefined,
) => Object.values(claimsIn(vmi?.spec)).find((it) => (placeOf(scene, it) ?? nodeName) !== nodeName);
