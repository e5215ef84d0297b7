/** A pod as far as its end is to be judged. */
export interface EndingPod {
  metadata: { deletionTimestamp?: string };
  spec: { nodeName?: string };
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; reason?: string }[];
    containerStatuses?: { state?: { running?: unknown; terminated?: unknown } }[];
  };
}

/**
 * Is it certain that nothing of the pod runs, nor ever will?
 *
 * The word counts of the kubelet alone: it calls a pod over once its containers have ended
 * (kubernetes pkg/kubelet/status/status_manager.go). Kubernetes' collector of pods, which knows no more of the node than
 * that it is gone, writes the same phase and leaves the containers as they were last seen
 * (kubernetes pkg/controller/podgc/gc_controller.go).
 */
export function hasEnded({ metadata, spec, status }: EndingPod): boolean {
  if (metadata.deletionTimestamp && !spec.nodeName) return true; // the API server binds no pod that is being deleted
  if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return false;
  const containers = status.containerStatuses ?? [];
  if (isCollected(status)) {
    return containers.length > 0 && containers.every(({ state }) => state?.terminated !== undefined);
  }
  return containers.every(({ state }) => state?.running === undefined);
}

const isCollected = ({ conditions }: NonNullable<EndingPod['status']>) =>
  conditions?.some(({ type, reason }) => type === 'DisruptionTarget' && reason === 'DeletionByPodGC') ??
  false;
