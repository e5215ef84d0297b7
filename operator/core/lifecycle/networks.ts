import { toPlug, toUnplug } from './network-wish.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';

const isOn = ({ guest: { power } }: InstanceView): boolean => power !== 'absent';

/** Into the VM's template, whence KubeVirt plugs it into a guest that runs. */
export function attachInterface(view: InstanceView): Situation {
  const step = (action: Action): Situation => ({
    operation: 'AttachInterface',
    taskState: 'AttachingInterface',
    action,
  });
  const missing = toPlug(view);
  if (missing.length > 0) return step({ kind: 'plugNetworks', names: missing.map(({ name }) => name) });
  if (isOn(view) && notReady(view).length > 0) return step(NONE);
  return { ...step(NONE), taskState: undefined, outcome: { result: 'Succeeded' } };
}

const notReady = ({ networks }: InstanceView) =>
  networks.filter(
    ({ wanted, configured, guest, plugs }) => wanted && configured && plugs && guest !== 'ready',
  );

/** What was not plugged in time is taken out of the template again. */
export function plugOverdue(view: InstanceView, message: string): Situation {
  const names = notReady(view).map(({ name }) => name);
  return {
    operation: 'AttachInterface',
    taskState: undefined,
    action: names.length > 0 ? { kind: 'unplugNetworks', names, runs: isOn(view) } : NONE,
    outcome: { result: 'Failed', code: 'DeadlineExceeded', message },
  };
}

/** Marked absent in the template of a guest that runs, until KubeVirt has taken it out; out of that of one that is off. */
export function detachInterface(view: InstanceView): Situation {
  const step = (action: Action): Situation => ({
    operation: 'DetachInterface',
    taskState: 'DetachingInterface',
    action,
  });
  const going = toUnplug(view);
  const names = going.filter(({ configured }) => configured || !isOn(view)).map(({ name }) => name);
  if (names.length > 0) return step({ kind: 'unplugNetworks', names, runs: isOn(view) });
  if (going.length > 0) return step(NONE);
  return { ...step(NONE), taskState: undefined, outcome: { result: 'Succeeded' } };
}
