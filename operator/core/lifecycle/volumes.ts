import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';
import type { VolumeView } from './volume-view.ts';
import { toAttach, toDetach } from './volume-wish.ts';

const isOn = ({ guest: { power } }: InstanceView): boolean => power !== 'absent';

/** Into the VM's template, whence KubeVirt plugs it into a guest that runs. */
export function attachVolume(view: InstanceView): Situation {
  const step = (action: Action): Situation => ({
    operation: 'AttachVolume',
    taskState: 'AttachingVolume',
    action,
  });
  if (view.keptVolumes?.length) return step(NONE); // where they are is written down first
  const missing = toAttach(view);
  if (missing.length > 0) return step({ kind: 'plugVolumes', volumes: missing.map(toTake) });
  if (isOn(view) && notReady(view).length > 0) return step(NONE);
  return { ...step(NONE), taskState: undefined, outcome: { result: 'Succeeded' } };
}

const toTake = ({ name, claimName }: VolumeView) => ({ name, claimName });

const notReady = ({ volumes }: InstanceView) =>
  volumes.filter(({ wanted, configured, guest }) => wanted && configured && guest !== 'ready');

/** What was not plugged in time is taken out of the template again. */
export function attachOverdue(view: InstanceView, message: string): Situation {
  const names = notReady(view).map(({ name }) => name);
  return {
    operation: 'AttachVolume',
    taskState: undefined,
    action: names.length > 0 ? { kind: 'unplugVolumes', names } : NONE,
    outcome: { result: 'Failed', code: 'DeadlineExceeded', message },
  };
}

/** Out of the VM's template, out of the guest; then the claim is free, or goes if it was made to. */
export function detachVolume(view: InstanceView): Situation {
  const step = (action: Action): Situation => ({
    operation: 'DetachVolume',
    taskState: 'DetachingVolume',
    action,
  });
  const going = toDetach(view);
  const configured = going.filter((it) => it.configured);
  if (configured.length > 0)
    return step({ kind: 'unplugVolumes', names: configured.map(({ name }) => name) });
  if (isOn(view) && going.some(({ guest }) => guest !== 'absent')) return step(NONE);
  return {
    ...step(going.length > 0 ? { kind: 'releaseVolumes', volumes: going } : NONE),
    taskState: undefined,
    outcome: {
      result: 'Succeeded',
      ...(going.length > 0 && { message: going.map(whatBecameOf).join('; ') }),
    },
  };
}

function whatBecameOf({ name, claimName, made, deleteOnTermination }: VolumeView): string {
  const claim = `PersistentVolumeClaim ${claimName}`;
  if (!made) return `${name} is detached; ${claim} is kept`;
  return deleteOnTermination
    ? `${name} is detached, and ${claim} deleted`
    : `${name} is detached; ${claim} is kept, since deleteOnTermination is false: delete it, or attach it by pvc`;
}
