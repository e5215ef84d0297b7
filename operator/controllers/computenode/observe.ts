import { amountsOf, podRequests } from '#adapters/kubernetes/amounts.ts';
import { isPodOver, type Node, type Pod } from '#adapters/kubernetes/types.ts';
import { HEARTBEAT_ANNOTATION, LAUNCHER_LABEL, SCHEDULABLE_LABEL } from '#adapters/kubevirt/types.ts';
import type { ResourceAmounts } from '#api/common.ts';
import type { ComputeNode, ComputeNodeStatus } from '#api/computenode.ts';
import { COMPUTE_NODE_LABEL, INSTANCE_UID_LABEL } from '#api/constants.ts';
import type { Claim } from '#api/nodeledger.ts';
import type { NodeReport } from '#core/computenode/availability.ts';
import { sumAmounts } from '#core/computenode/inventory.ts';
import { parseGiB, parseMiB } from '#core/quantity.ts';
import { instanceUidOf } from '../caches.ts';

/** A node's health, read off its Node object; a Node without the label counts as gone. */
export function reportOf(node: Node | undefined): NodeReport {
  const labels = node?.metadata.labels ?? {};
  if (!node || labels[COMPUTE_NODE_LABEL] === undefined) {
    return { node: undefined, heartbeat: undefined, schedulable: false };
  }
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  const status = ready?.status === 'True' || ready?.status === 'False' ? ready.status : 'Unknown';
  const heartbeat = node.metadata.annotations?.[HEARTBEAT_ANNOTATION];
  return {
    node: healthOf(node, status, ready?.message ?? 'the Node has no Ready condition'),
    heartbeat: heartbeat === undefined ? undefined : new Date(heartbeat),
    schedulable: labels[SCHEDULABLE_LABEL] === 'true',
  };
}

/** A node that has just become Ready keeps its taint for a moment: until then kube-scheduler places nothing there. */
function healthOf(node: Node, ready: 'True' | 'False' | 'Unknown', message: string): NodeReport['node'] {
  const taint = node.spec?.taints?.find(({ key }) => HEALTH_TAINTS.includes(key));
  if (ready !== 'True' || !taint) return { ready, message };
  return { ready: 'False', message: `the Node is Ready, and its taint ${taint.key} not yet taken off` };
}

const HEALTH_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** What the kubelet keeps for itself, what spec.reserved asks for, and what pods ask for that Berth does not manage. */
export function reservedParts(
  node: Node,
  spec: ComputeNode['spec'],
  pods: readonly Pod[],
): ResourceAmounts[] {
  const capacity = amountsOf(node.status?.capacity, 'down');
  const allocatable = amountsOf(node.status?.allocatable, 'down');
  const kubelet = {
    vcpus: capacity.vcpus - allocatable.vcpus,
    memoryMiB: capacity.memoryMiB - allocatable.memoryMiB,
    diskGiB: capacity.diskGiB - allocatable.diskGiB,
  };
  const asked = {
    vcpus: spec.reserved?.vcpus ?? 0,
    memoryMiB: parseMiB(spec.reserved?.memory ?? '0', 'up'),
    diskGiB: parseGiB(spec.reserved?.disk ?? '0', 'up'),
  };
  return [kubelet, asked, ...unmanagedPods(pods).map(podRequests)];
}

/** What they hold is nobody's claim. */
export const unmanagedPods = (pods: readonly Pod[]): Pod[] =>
  pods.filter((pod) => !isPodOver(pod) && !isManaged(pod));

/** What guests' pods ask for, and how many of them no claim stands behind. */
export function launcherPods(
  pods: readonly Pod[],
  claims: readonly Claim[],
): NonNullable<ComputeNodeStatus['launcherPods']> {
  const claimed = new Set(claims.map(({ instanceUid }) => instanceUid));
  const live = pods.filter((pod) => !isPodOver(pod) && isManaged(pod));
  return {
    ...sumAmounts(...live.map(podRequests)),
    count: live.length,
    withoutClaim: live.filter((pod) => !claimed.has(instanceUidOf(pod) ?? '')).length,
  };
}

const isManaged = ({ metadata: { labels } }: Pod) =>
  labels?.[INSTANCE_UID_LABEL] !== undefined && labels[LAUNCHER_LABEL.key] === LAUNCHER_LABEL.value;

export function hypervisorOf(node: Node): ComputeNodeStatus['hypervisor'] {
  const model = Object.keys(node.metadata.labels ?? {}).find((label) =>
    label.startsWith('host-model-cpu.node.kubevirt.io/'),
  );
  const { architecture = 'unknown', kubeletVersion } = node.status?.nodeInfo ?? {};
  return {
    type: 'QEMU',
    architecture,
    ...(model && { cpuModel: model.slice(model.indexOf('/') + 1) }),
    ...(kubeletVersion && { kubeletVersion }),
  };
}

export const zoneOf = (node: Node): string | undefined =>
  node.metadata.labels?.['topology.kubernetes.io/zone'];
