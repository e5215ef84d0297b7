import { diskRecordOf } from './disk-record.ts';
import type { HeldBack } from './flavor-wish.ts';
import { OPERATION_TABLE } from './operations.ts';
import { hasFailed } from './request-id.ts';
import { type InstanceView, NONE, type Situation } from './situation.ts';
import type { VolumeView } from './volume-view.ts';

/** Volumes that the list names and the VM has not. */
export const toAttach = ({ volumes }: InstanceView): VolumeView[] =>
  volumes.filter(({ wanted, configured, obstacle }) => wanted && !configured && !obstacle);

/** Volumes that the list does not name any more. */
export const toDetach = ({ volumes }: InstanceView): VolumeView[] =>
  volumes.filter(
    ({ wanted, configured, guest, held }) => !wanted && (configured || guest !== 'absent' || held),
  );

/** Begins to carry out a change of spec.volumes: what goes goes first. Undefined when there is none to begin. */
export function volumeChange(view: InstanceView): Situation | undefined {
  if (view.volumes.length === 0 || !isQuiet(view) || whyAllWait(view)) return undefined;
  const begin = (operation: 'AttachVolume' | 'DetachVolume', taskState: Situation['taskState']) =>
    ({ operation, taskState, action: NONE }) as const;
  const isOff = view.guest.power === 'absent'; // what the guest would not let go of, it has let go of
  if (toDetach(view).length > 0 && (isOff || !hasFailed(view.instance, 'DetachVolume')))
    return begin('DetachVolume', 'DetachingVolume');
  if (toAttach(view).length > 0 && !hasFailed(view.instance, 'AttachVolume'))
    return begin('AttachVolume', 'AttachingVolume');
  return undefined;
}

/** Runs, is paused or off, and nothing is about to change that. */
function isQuiet({ guest: { vm, power, migrating } }: InstanceView): boolean {
  if (!vm || vm.deleting || migrating) return false;
  return power === 'running' || power === 'paused' || (power === 'absent' && !vm.runs);
}

/** Why no volume is attached or detached now. */
function whyAllWait({ instance, guest, hotplugsVolumes }: InstanceView): HeldBack | undefined {
  const { spec, status } = instance;
  if (spec.locked) return { reason: 'Locked', message: 'spec.locked is true: unlock the Instance first' };
  const { copy } = diskRecordOf(instance);
  if (copy) {
    const message = `its disks are being copied to ${copy.nodeName} by ${copy.requestId}, or that is being given up`;
    return { reason: 'OperationInProgress', message };
  }
  if (status?.resize?.finishTime !== undefined) {
    const message = `${status.resize.requestId} is to be confirmed or reverted first, by an InstanceAction`;
    return { reason: 'AwaitsConfirm', message };
  }
  const { from } = OPERATION_TABLE.AttachVolume;
  const { vmState } = status ?? {};
  if (vmState && !from.includes(vmState)) {
    const message = `the Instance is ${vmState}; volumes are attached and detached while it is ${from.join(', ')}`;
    return { reason: 'WrongState', message };
  }
  if (hotplugsVolumes || guest.power === 'absent') return undefined;
  return { reason: 'NextStart', message: NO_HOTPLUG };
}

const NO_HOTPLUG =
  "it waits until the guest is off, since KubeVirt's feature gate DeclarativeHotplugVolumes is off, or HotplugVolumes is on: set spec.powerState to Stopped, then to Running";

/** The first volume that is not as the list has it: of those that come and go, else of those that the guest still lacks. */
export function lateVolume(view: InstanceView): VolumeView | undefined {
  const changed = [
    ...toDetach(view),
    ...view.volumes.filter(({ wanted, configured }) => wanted && !configured),
  ];
  return changed[0] ?? unplugged(view);
}

/** A guest that runs without a volume that it should have. */
function unplugged({ volumes, guest }: InstanceView): VolumeView | undefined {
  if (guest.power !== 'running' && guest.power !== 'paused') return undefined;
  return volumes.find((it) => it.wanted && it.configured && it.guest !== 'ready');
}

/** Why that one waits. */
export function whyVolumeWaits(view: InstanceView): HeldBack | undefined {
  const late = lateVolume(view);
  if (!late) return undefined;
  if (late.wanted && late.configured) {
    const message = `KubeVirt is to plug it in${late.detail ? `: ${late.detail}` : ''}`;
    return { reason: 'VolumeNotReady', message };
  }
  return (late.wanted ? late.obstacle : undefined) ?? whyAllWait(view);
}
