import type { Node } from '#adapters/kubernetes/types.ts';
import type { HostState } from '#core/scheduling/host-state.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** What the scheduler asks of the Node itself. Kubernetes taints a cordoned node a moment later. */
export function nodeFacts(
  node: Node | undefined,
): Pick<HostState, 'taints' | 'labels' | 'address' | 'facts'> {
  if (!node) return {};
  const { taints = [], unschedulable } = node.spec ?? {};
  const isTainted = taints.some(({ key }) => key === CORDONED.key);
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  return {
    taints: unschedulable && !isTainted ? [...taints, CORDONED] : taints,
    ...(node.metadata.labels && { labels: node.metadata.labels }),
    ...(address !== undefined && { address }),
    facts: { hypervisor_type: 'QEMU', architecture: node.status?.nodeInfo?.architecture ?? null },
  };
}

/** Labels, taints and cordon, which make hosts fit or not. */
export function hasSameConstraints(node: Node, old: Node | undefined): boolean {
  return old !== undefined && JSON.stringify(constraints(node)) === JSON.stringify(constraints(old));
}

const constraints = ({ metadata: { labels }, spec }: Node) => [labels, spec?.taints, spec?.unschedulable];
