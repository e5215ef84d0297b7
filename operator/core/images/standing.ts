import type { Image, ImageStage, ImageStatus } from '#api/image.ts';
import { type ConditionDraft, mergeConditions } from '../conditions.ts';
import { imageClaimName } from './built-image.ts';

/** The DataVolume that holds an Image, as CDI tells of it. */
export interface ImageVolume {
  phase: string;
  /** CDI's progress, such as `42.00%` or `N/A`. */
  progress: string | undefined;
  /** Why the last attempt failed. */
  failure: string | undefined;
  sizeGiB: number;
}

/** What is seen of an Image. */
export interface ImageView {
  image: Image;
  /** undefined: there is none. */
  volume: ImageVolume | undefined;
  /** ComputeNodes that hold its container image. */
  nodes: number;
  /** Why nothing is made for it: reason and words. */
  obstacle: Obstacle | undefined;
  /** Root disks that are being cloned from it. */
  copies: number;
  now: Date;
}

export interface Obstacle {
  reason: 'SourceNotAllowed' | 'SourceNotFound' | 'ChecksumNotVerified' | 'NameConflict';
  message: string;
}

interface Standing {
  stage: ImageStage;
  ready: boolean;
  reason: string;
  message: string;
  progressPercent?: number;
}

/** Phases of a DataVolume: CDI's pkg/apis/core/v1beta1/types.go. Downloading and converting are one to it. */
const COPYING = /^(Clone|Snapshot|CSIClone|Expansion|NamespaceTransfer|PrepClaim|Rebind)/;

export function imageStanding(view: ImageView): Standing {
  const { image, volume, nodes, obstacle, copies } = view;
  const not = (stage: ImageStage, reason: string, message: string): Standing => ({
    stage,
    ready: false,
    reason,
    message,
  });
  if (image.metadata.deletionTimestamp) {
    const disks = copies === 1 ? '1 root disk that is' : `${copies} root disks that are`;
    const message = `it goes once ${disks} being cloned from it ${copies === 1 ? 'is' : 'are'} full`;
    return not(image.status?.stage ?? 'Pending', 'BeingDeleted', message);
  }
  if (obstacle) {
    const stage = obstacle.reason === 'SourceNotFound' ? 'Pending' : 'Failed';
    return not(stage, obstacle.reason, obstacle.message);
  }
  if (image.spec.source.containerDisk !== undefined) return ofContainerDisk(nodes);
  if (!volume) return not('Pending', 'Pending', 'its volume is being made');
  return ofVolume(volume, not);
}

function ofContainerDisk(nodes: number): Standing {
  const message = nodes === 1 ? '1 node holds it already' : `${nodes} nodes hold it already`;
  if (nodes > 0) return { stage: 'Cached', ready: true, reason: 'Cached', message };
  return { stage: 'Ready', ready: true, reason: 'Ready', message: 'it is pulled where it is needed first' };
}

function ofVolume(
  { phase, progress, failure }: ImageVolume,
  not: (stage: ImageStage, reason: string, message: string) => Standing,
): Standing {
  if (phase === 'Succeeded')
    return { stage: 'Ready', ready: true, reason: 'Ready', message: 'root disks are cloned from its volume' };
  if (failure !== undefined)
    return not('Failed', 'ImportFailed', `${failure}. CDI tries again; mend the source, or delete the Image`);
  if (phase === 'Failed' || phase === 'Unknown')
    return not('Failed', 'ImportFailed', `CDI says ${phase}: see its DataVolume`);
  const stage = COPYING.test(phase) ? 'Copying' : phase.startsWith('Import') ? 'Downloading' : 'Pending';
  const progressPercent = inTens(progress);
  const message = `CDI says ${phase}${progressPercent === undefined ? '' : `, ${progressPercent} %`}`;
  return { ...not(stage, stage, message), ...(progressPercent !== undefined && { progressPercent }) };
}

/** What ticks is not worth a write each time. */
function inTens(progress: string | undefined): number | undefined {
  const percent = Number.parseFloat(progress ?? '');
  return Number.isNaN(percent) ? undefined : Math.min(100, Math.floor(percent / 10) * 10);
}

const STALLS = ['SourceNotAllowed', 'ChecksumNotVerified', 'NameConflict'];

/** The whole status of an Image. */
export function imageStatus(view: ImageView): ImageStatus {
  const { image, volume, nodes, now } = view;
  const { containerDisk } = image.spec.source;
  const standing = imageStanding(view);
  const { stage, progressPercent } = standing;
  const { generation } = image.metadata;
  const { format } = image.spec;
  const since = image.status?.readySince ?? now.toISOString();
  return {
    observedGeneration: generation,
    stage,
    ...(progressPercent !== undefined && { progressPercent }),
    ...(containerDisk === undefined
      ? {
          ...(volume && {
            format: 'raw',
            sizeGiB: volume.sizeGiB,
            claimName: imageClaimName(image.metadata.name),
          }),
        }
      : { nodes, ...(format && { format }) }),
    ...(volume?.phase === 'Succeeded' && { readySince: since }),
    conditions: mergeConditions(image.status?.conditions, drafts(standing), { now, generation }),
  };
}

function drafts({ ready, reason, message }: Standing): ConditionDraft[] {
  const said: ConditionDraft = { type: 'Ready', status: ready ? 'True' : 'False', reason, message };
  if (ready) return [said];
  const type = STALLS.includes(reason) ? 'Stalled' : 'Reconciling';
  return [said, { type, status: 'True', reason, message }];
}
