import type { DownReason } from '#api/computenode.ts';

/** What is known of a node's health, whatever reports it. */
export interface NodeReport {
  /** undefined: there is no such Node, or it lost the label. */
  node: { ready: 'True' | 'False' | 'Unknown'; message: string } | undefined;
  /** virt-handler's last heartbeat. */
  heartbeat: Date | undefined;
  /** KubeVirt's own word: may VMIs be scheduled here. */
  schedulable: boolean;
}

export type Availability = { state: 'Up' } | { state: 'Down'; reason: DownReason; message: string };

/** virt-controller takes a virt-handler for dead after this long (pkg/virt-controller/watch/node, 5 minutes). */
export const HEARTBEAT_LIMIT_MS = 5 * 60_000;

/** Up: the kubelet reports, virt-handler reports, and KubeVirt would place guests here. */
export function availabilityOf({ node, heartbeat, schedulable }: NodeReport, now: Date): Availability {
  const down = (reason: DownReason, message: string): Availability => ({ state: 'Down', reason, message });
  if (!node) return down('NodeDeleted', 'the Node is gone, or has lost the compute-node label');
  if (node.ready === 'Unknown')
    return down('NodeUnreachable', `the kubelet stopped reporting: ${node.message}`);
  if (node.ready === 'False') return down('NodeNotReady', node.message);
  if (!heartbeat)
    return down('HeartbeatMissing', 'virt-handler has never reported: is KubeVirt installed on the node?');
  if (now.getTime() - heartbeat.getTime() > HEARTBEAT_LIMIT_MS) {
    return down('HeartbeatStale', 'virt-handler has not reported for 5 minutes: look at its pod on the node');
  }
  if (!schedulable)
    return down('KubeVirtNotSchedulable', 'KubeVirt has marked the node kubevirt.io/schedulable=false');
  return { state: 'Up' };
}

/** When the heartbeat, if it is the last, makes the node Down; in milliseconds from now. */
export function heartbeatExpiresInMs({ heartbeat }: NodeReport, now: Date): number | undefined {
  if (!heartbeat) return undefined;
  const left = heartbeat.getTime() + HEARTBEAT_LIMIT_MS - now.getTime();
  return left >= 0 ? left + 1 : undefined;
}
