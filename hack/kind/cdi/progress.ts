import { unsupported } from './importer-pod.ts';
import type { Claim, DataVolume, Pod, World } from './kinds.ts';
import { keyOf } from './kinds.ts';

/** How far a DataVolume is: what CDI's status says of it, in the words that KubeVirt and Berth read. */
export interface Progress {
  phase: string;
  progress: string;
  failure?: string;
}

export function progressOf(dataVolume: DataVolume, claim: Claim | undefined, pod: Pod | undefined): Progress {
  const isClone = dataVolume.spec.source?.pvc !== undefined;
  const [scheduled, inProgress] = isClone
    ? ['CloneScheduled', 'CloneInProgress']
    : ['ImportScheduled', 'ImportInProgress'];
  const failure = unsupported(dataVolume.spec.source) ?? failureOf(pod);
  if (claim?.status?.phase !== 'Bound') return { phase: 'Pending', progress: 'N/A', failure };
  if (pod?.status?.phase === 'Succeeded') return { phase: 'Succeeded', progress: '100.0%' };
  if (pod?.status?.phase === 'Running') return { phase: inProgress, progress: 'N/A', failure };
  return { phase: scheduled, progress: 'N/A', failure };
}

function failureOf(pod: Pod | undefined): string | undefined {
  const all = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
  for (const { name, state, lastState } of all) {
    const waits = state?.waiting?.reason;
    if (waits && /Err|BackOff/.test(waits)) {
      const message = lastState?.terminated?.message ?? state?.waiting?.message;
      return `Unable to process data: ${name}: ${waits}: ${message ?? ''}`;
    }
  }
  return undefined;
}

/** A source that a pod has is not copied: it would change under the copy. */
export function sourceInUse({ spec: { source }, metadata }: DataVolume, { pods }: World): boolean {
  if (!source?.pvc) return false;
  const { namespace = metadata.namespace, name } = source.pvc;
  return pods.some(
    (pod) =>
      pod.metadata.namespace === namespace &&
      !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '') &&
      pod.spec.volumes?.some((it) => it.persistentVolumeClaim?.claimName === name),
  );
}

/** The whole status. `now` is an RFC 3339 time. */
export function statusOf(dataVolume: DataVolume, claim: Claim | undefined, how: Progress, now: string) {
  const isBound = claim?.status?.phase === 'Bound';
  const isDone = how.phase === 'Succeeded';
  const runs = how.phase.endsWith('InProgress') && !how.failure;
  const condition = (type: string, holds: boolean, reason: string, message = '') => ({
    type,
    status: holds ? 'True' : 'False',
    reason,
    message,
    lastTransitionTime: now,
    lastHeartbeatTime: now,
  });
  return {
    claimName: dataVolume.metadata.name,
    phase: how.phase,
    progress: how.progress,
    conditions: [
      condition('Bound', isBound, isBound ? 'Bound' : 'Pending', `PVC ${keyOf(dataVolume)}`),
      condition('Ready', isDone, how.failure ? 'Error' : isDone ? '' : 'TransferRunning'),
      condition('Running', runs, how.failure ? 'Error' : isDone ? 'Completed' : 'Pending', how.failure),
    ],
  };
}
