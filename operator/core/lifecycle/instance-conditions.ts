import type { Condition } from '#api/common.ts';
import type { InstanceSpec, InstanceStatus, OperationName } from '#api/instance.ts';
import { type ConditionDraft, mergeConditions } from '../conditions.ts';
import type { BuiltImage } from '../images/built-image.ts';
import { unprovenText } from '../placement/unproven.ts';
import { disksToCopy, HALF_DONE, tiedFast, whyNotCopied } from './copy-disks.ts';
import { ROOT, rootClaimsOf } from './disk-record.ts';
import { heldBack } from './held-back.ts';
import { OPERATION_TABLE } from './operations.ts';
import { POWER_OPERATIONS } from './power.ts';
import { imageText } from './rebuild.ts';
import { wouldGrow } from './resize-way.ts';
import { isPending } from './size-view.ts';
import type { StatusInput } from './status.ts';

/** Ready, Scheduled, LiveMigratable, Reconciling and Stalled of an Instance; the last two only while they hold. */
export function instanceConditions(input: StatusInput, status: InstanceStatus): Condition[] {
  const drafts = [
    ready(input, status),
    scheduled(input, status),
    liveMigratable(input, status),
    reconciling(status),
    specHeld(input, status),
    rebuilt(input, status),
    stalled(status),
  ];
  return mergeConditions(
    input.view.instance.status?.conditions,
    drafts.filter((draft) => draft !== undefined),
    { now: input.now, generation: input.view.instance.metadata.generation },
  );
}

function ready({ view, situation }: StatusInput, status: InstanceStatus): ConditionDraft {
  const not = (reason: string, message: string): ConditionDraft => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
  });
  if (status.fault) return not(status.fault.code, status.fault.message);
  if (situation.blocked) return not(situation.blocked.reason, situation.blocked.message);
  if (status.operation)
    return not(status.taskState ?? status.operation.name, `waits for ${status.operation.waitingFor}`);
  if (view.unproven.length > 0) return not('GuestNotProvenOff', `waits for ${unprovenText(view.unproven)}`);
  const failed = failedChange(status);
  if (failed) return not('ChangeFailed', failed);
  if (status.powerState === 'NoState') {
    return not(
      'NodeNotReporting',
      `node ${status.nodeName} does not report on the guest: see kubectl get computenodes`,
    );
  }
  if (status.vmState === 'ShelvedOffloaded') {
    const message = 'it is shelved: off, without a place; its root disk is kept';
    return { type: 'Ready', status: 'True', reason: status.vmState, message };
  }
  const message = READY_MESSAGES[status.vmState ?? ''] ?? `the guest is ${status.vmState}`;
  return {
    type: 'Ready',
    status: 'True',
    reason: status.vmState ?? 'Active',
    message: `${message} ${status.nodeName}`,
  };
}

const READY_MESSAGES: Record<string, string> = {
  Active: 'the guest runs on',
  Paused: 'the guest is paused on',
  Suspended: 'the guest is suspended on',
  Rescued: 'the guest runs from its rescue image, the root disk beside it, on',
  Stopped: 'the guest is off; its place is kept on',
  Resized: 'confirm or revert its resize or migration: the guest belongs on',
};

function scheduled({ view, situation }: StatusInput, status: InstanceStatus): ConditionDraft | undefined {
  if (view.claimNode) {
    return {
      type: 'Scheduled',
      status: 'True',
      reason: 'Placed',
      message: `has its place on ${view.claimNode}`,
    };
  }
  if (view.instance.metadata.deletionTimestamp) return undefined;
  const reason = situation.blocked?.reason ?? status.fault?.code ?? 'Scheduling';
  const message = situation.blocked?.message ?? status.fault?.message ?? 'no place has been claimed yet';
  return { type: 'Scheduled', status: 'False', reason, message };
}

function liveMigratable({ view }: StatusInput, status: InstanceStatus): ConditionDraft | undefined {
  const { liveMigratable: said, size } = view.guest;
  if (!said) return undefined;
  if (isPending(size) && !status.resize?.live)
    return { type: 'LiveMigratable', status: 'False', reason: 'ResizePending', message: wouldGrow(size) };
  const { possible, reason, message } = said;
  if (view.guest.disks?.halfSince && !status.disks?.copy)
    return { type: 'LiveMigratable', status: 'False', reason: 'DisksNotLiveMigratable', message: HALF_DONE };
  if (possible) return { type: 'LiveMigratable', status: 'True', reason, message };
  const copied = disksToCopy(view);
  if (copied.length > 0) return { type: 'LiveMigratable', status: 'True', ...toldOf(copied) };
  return { type: 'LiveMigratable', status: 'False', reason, message: whyTied(view, message) };
}

function toldOf(copied: readonly string[]): Pick<ConditionDraft, 'reason' | 'message'> {
  const volumes = copied.filter((it) => it !== ROOT);
  const root = volumes.length < copied.length ? ['its root disk'] : [];
  const what = [...root, ...volumes.map((it) => `spec.volumes ${it}`)].join(', ');
  return {
    reason: volumes.length > 0 ? 'DisksCopied' : 'RootDiskCopied',
    message: `it can move while it runs; what is not shared is copied to other volumes along: ${what}`,
  };
}

/** Of disks that are not shared KubeVirt names one: those made for the Instance would be copied, but for others, or for what is said beside. */
function whyTied(view: StatusInput['view'], message: string): string {
  const { tiedBy = [] } = view.guest;
  const other = tiedFast(view);
  if (other !== undefined)
    return `spec.volumes ${other}: it is not shared (ReadWriteMany), and is not copied along, as root disks are, and blank volumes that the guest has`;
  const volume = whichVolume(view, message);
  const text = volume === undefined ? message : `${volume}: ${message}`;
  const not = tiedBy.length > 0 ? whyNotCopied(view) : undefined;
  return not === undefined ? text : `${text}. ${not}`;
}

/** KubeVirt names a claim; whoever reads it knows the volume by the name in the spec. */
function whichVolume({ instance, volumes }: StatusInput['view'], message: string): string | undefined {
  const names = (claimName: string) => message.split(/[ ,:]/).includes(claimName);
  const found = volumes.find(({ claimName }) => names(claimName));
  if (found) return `spec.volumes ${found.name}`;
  return rootClaimsOf(instance).some(names) ? 'the root disk' : undefined;
}

function reconciling({ operation, taskState }: InstanceStatus): ConditionDraft | undefined {
  if (!operation) return undefined;
  const message = `${operation.name} ${operation.requestId} waits for ${operation.waitingFor}`;
  return { type: 'Reconciling', status: 'True', reason: taskState ?? operation.name, message };
}

function specHeld({ view, situation }: StatusInput, status: InstanceStatus): ConditionDraft | undefined {
  const held = heldBack({ ...view, instance: { ...view.instance, status } }, situation);
  return held && { type: 'SpecHeld', status: 'True', ...held };
}

/** Under GitOps the file goes on naming the image that the Instance was created from. */
function rebuilt({ view: { instance } }: StatusInput, { image }: InstanceStatus): ConditionDraft | undefined {
  const { spec } = instance;
  if (!image || isSameImage(spec, image)) return undefined;
  const [field, named] = spec.imageRef
    ? ['spec.imageRef', { name: spec.imageRef.name }]
    : ['spec.image', spec.image ?? {}];
  const message = `the root disk was made from ${imageText(image)} by a rebuild; ${field} names ${imageText(named)}, which it was created from, and would be made from again only as another Instance`;
  return { type: 'Rebuilt', status: 'True', reason: 'OtherImage', message };
}

function isSameImage({ image, imageRef }: InstanceSpec, built: BuiltImage): boolean {
  if (imageRef || built.name !== undefined) return imageRef?.name === built.name;
  return imageText(image ?? {}) === imageText(built);
}

function stalled(status: InstanceStatus): ConditionDraft | undefined {
  const { fault } = status;
  if (fault) return { type: 'Stalled', status: 'True', reason: fault.code, message: fault.message };
  const failed = failedChange(status);
  return failed === undefined
    ? undefined
    : { type: 'Stalled', status: 'True', reason: 'ChangeFailed', message: failed };
}

/** A change of the spec that failed, so that the spec is not what is. Of the power state, what is seen tells that. */
function failedChange({ lastOperations = [], observedGeneration }: InstanceStatus): string | undefined {
  const isLatest = ({ name }: { name: OperationName }, index: number) =>
    lastOperations.findIndex((it) => it.name === name) === index;
  const last = lastOperations
    .filter(isLatest)
    .filter(({ name }) => OPERATION_TABLE[name].askedBy === 'Field' && !POWER_OPERATIONS.includes(name))
    .find(({ result, generation }) => result === 'Failed' && generation === observedGeneration);
  return last && `${last.name} failed: ${last.message}`;
}
