import type { ComputeNode } from '#api/computenode.ts';
import type { DownReason } from '#api/computenode-status.ts';

/** Nobody on the node reports: what was begun there, KubeVirt neither goes on with nor gives up. */
const SILENT: readonly (DownReason | 'Reporting' | undefined)[] = [
  'NodeUnreachable',
  'NodeDeleted',
  'HeartbeatStale',
];

/**
 * Why nothing is heard from a node any more, in words; undefined: it reports, or is Down in a way that it may work on in, as
 * while virt-handler is updated.
 */
export function whyLost(
  node: Pick<ComputeNode, 'metadata' | 'spec' | 'status'> | undefined,
): string | undefined {
  const { state, stateReason, stateMessage } = node?.status ?? {};
  if (!node || state !== 'Down') return undefined;
  const { fenced } = node.spec;
  if (!fenced && !SILENT.includes(stateReason)) return undefined;
  return `${node.metadata.name} is Down: ${stateMessage ?? fenced?.reason ?? stateReason}`;
}
