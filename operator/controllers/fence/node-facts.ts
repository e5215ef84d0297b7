import type { Node } from '#adapters/kubernetes/types.ts';
import type { ComputeNode } from '#api/computenode.ts';
import { type NodeFacts, OUT_OF_SERVICE } from '#core/placement/fence.ts';

/** What is known of a node's being off, read off its objects. */
export function nodeFactsOf(node: Node | undefined, computeNode: ComputeNode | undefined): NodeFacts {
  const { state, stateReason, stateSince } = computeNode?.status ?? {};
  return {
    node: node && kubeletOf(node),
    goneSince: state === 'Down' && stateReason === 'NodeDeleted' ? stateSince : undefined,
    attestation: computeNode?.spec.fenced,
  };
}

function kubeletOf({ spec, status }: Node): NodeFacts['node'] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    ready: ready?.status === 'True',
    readyChanged: ready?.lastTransitionTime && new Date(ready.lastTransitionTime).toISOString(),
    outOfService: spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false,
  };
}
