import { GUEST_FINALIZER, PLACEMENT_GATE } from '#api/constants.ts';

/** What is looked at of a guest's pod. */
export interface HeldPod {
  metadata: { finalizers?: string[]; deletionTimestamp?: string; deletionGracePeriodSeconds?: number };
  spec: { schedulingGates?: { name: string }[] };
}

/**
 * What becomes of a guest's pod when Berth is uninstalled. Only Berth's finalizer and gate keep KubeVirt from restarting a guest.
 *
 * - release: the finalizer goes; the pod ends as any pod does, when its kubelet says so
 * - replace: it waits behind the gate and has never run; KubeVirt makes another one, without a gate
 * - keep: somebody deleted it by force while nobody knows whether its guest is off. Nothing but the finalizer keeps a second writer
 *   from its disk
 * - none: there is nothing of Berth's on it
 */
export type Release = 'release' | 'replace' | 'keep' | 'none';

export function releaseOf({ metadata, spec }: HeldPod, isOver: boolean): Release {
  if (spec.schedulingGates?.some(({ name }) => name === PLACEMENT_GATE)) return 'replace';
  if (!metadata.finalizers?.includes(GUEST_FINALIZER)) return 'none';
  const wasForced = metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
  return wasForced && !isOver ? 'keep' : 'release';
}
