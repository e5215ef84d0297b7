import type { Node } from '#adapters/kubernetes/types.ts';
import { cpuInfo, supportedInstances } from '#core/computenode/hypervisor-facts.ts';
import type { HostState } from '#core/scheduling/host-state.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const KVM = 'devices.kubevirt.io/kvm';

export type NodeFacts = Pick<
  HostState,
  'taints' | 'labels' | 'address' | 'facts' | 'supportedInstances' | 'images'
>;

/** What the scheduler asks of the Node itself. Kubernetes taints a cordoned node a moment later. */
export function nodeFacts({ metadata: { labels }, spec, status }: Node): NodeFacts {
  const { taints = [], unschedulable } = spec ?? {};
  const isTainted = taints.some(({ key }) => key === CORDONED.key);
  const address = addressOf(status);
  const architecture = status?.nodeInfo?.architecture;
  return {
    taints: unschedulable && !isTainted ? [...taints, CORDONED] : taints,
    ...(labels && { labels }),
    ...(address !== undefined && { address }),
    facts: {
      hypervisor_type: 'QEMU',
      architecture: architecture ?? null,
      ...(architecture && { cpu_info: cpuInfo(architecture, labels ?? {}) }),
    },
    ...(architecture && { supportedInstances: supportedInstances(architecture, hasKvm(status)) }),
    images: (status?.images ?? []).flatMap(({ names = [] }) => names),
  };
}

/** Labels, taints and cordon, which make hosts fit or not from one moment to the next. */
export function hasSameConstraints(node: Node, old: Node | undefined): boolean {
  return old !== undefined && JSON.stringify(constraints(node)) === JSON.stringify(constraints(old));
}

/** Everything that `nodeFacts` reads. */
export function hasSameFacts(node: Node, old: Node | undefined): boolean {
  return old !== undefined && JSON.stringify(read(node)) === JSON.stringify(read(old));
}

const constraints = ({ metadata: { labels }, spec }: Node) => [labels, spec?.taints, spec?.unschedulable];
const read = (node: Node) => [
  constraints(node),
  addressOf(node.status),
  node.status?.nodeInfo?.architecture,
  hasKvm(node.status),
  node.status?.images?.map(({ names }) => names),
];

const addressOf = (status: Node['status']) =>
  status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;

const hasKvm = (status: Node['status']) => (status?.allocatable?.[KVM] ?? '0') !== '0';
