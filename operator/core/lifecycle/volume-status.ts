import type { InstanceStatus } from '#api/instance.ts';
import type { InstanceView } from './situation.ts';
import type { VolumeView } from './volume-view.ts';
import { toDetach } from './volume-wish.ts';

type VolumeStatus = NonNullable<InstanceStatus['volumes']>[number];

/** status.volumes: undefined where there are none. */
export function volumeStatusesOf(view: InstanceView): InstanceStatus['volumes'] {
  const going = new Set(toDetach(view));
  const shown = view.volumes.filter((it) => it.wanted || going.has(it));
  const isOff = view.guest.power === 'absent';
  return shown.length > 0 ? shown.map((it) => statusOf(it, phaseOf(it, isOff))) : undefined;
}

function phaseOf({ wanted, configured, guest }: VolumeView, isOff: boolean): VolumeStatus['phase'] {
  if (!wanted) return 'Detaching';
  if (!configured) return 'Pending';
  return isOff || guest === 'ready' ? 'Attached' : 'Attaching';
}

function statusOf(volume: VolumeView, phase: VolumeStatus['phase']): VolumeStatus {
  const { name, claimName, device, deleteOnTermination, obstacle, detail } = volume;
  const message = phase === 'Pending' ? obstacle?.message : phase === 'Attached' ? undefined : detail;
  return {
    name,
    claimName,
    phase,
    ...(device !== undefined && phase === 'Attached' && { device }),
    ...(deleteOnTermination && { deleteOnTermination }),
    ...(message !== undefined && { message: message.slice(0, 512) }),
  };
}
