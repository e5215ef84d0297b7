import type { HeldBack } from './flavor-wish.ts';
import type { NetworkView } from './network-view.ts';
import { OPERATION_TABLE } from './operations.ts';
import { hasFailed } from './request-id.ts';
import { type InstanceView, NONE, type Situation } from './situation.ts';

const isOff = ({ guest: { power } }: InstanceView): boolean => power === 'absent';

/** Networks that the list names and the VM has not, and that it can be given now. */
export const toPlug = (view: InstanceView): NetworkView[] =>
  view.networks.filter(
    ({ wanted, configured, guest, obstacle, plugs }) =>
      wanted && !configured && !obstacle && guest === 'absent' && (plugs || isOff(view)),
  );

/** Networks that the list does not name any more, and that can be taken out now. */
export const toUnplug = (view: InstanceView): NetworkView[] =>
  view.networks.filter(
    ({ wanted, configured, guest, plugs }) =>
      !wanted && (configured || guest !== 'absent') && (plugs || isOff(view)),
  );

/** Begins to carry out a change of spec.networks: what goes goes first. Undefined when there is none to begin. */
export function networkChange(view: InstanceView): Situation | undefined {
  if (!isQuiet(view) || whyAllWait(view)) return undefined;
  const begin = (operation: 'AttachInterface' | 'DetachInterface', taskState: Situation['taskState']) =>
    ({ operation, taskState, action: NONE }) as const;
  if (toUnplug(view).length > 0 && (isOff(view) || !hasFailed(view.instance, 'DetachInterface')))
    return begin('DetachInterface', 'DetachingInterface');
  if (toPlug(view).length > 0 && !hasFailed(view.instance, 'AttachInterface'))
    return begin('AttachInterface', 'AttachingInterface');
  return undefined;
}

/** Runs, is paused or off, and nothing is about to change that. */
function isQuiet({ guest: { vm, power, migrating } }: InstanceView): boolean {
  if (!vm || vm.deleting || migrating) return false;
  return power === 'running' || power === 'paused' || (power === 'absent' && !vm.runs);
}

/** Why no interface is attached or detached now. */
function whyAllWait({ instance: { spec, status } }: InstanceView): HeldBack | undefined {
  if (spec.locked) return { reason: 'Locked', message: 'spec.locked is true: unlock the Instance first' };
  if (status?.resize?.finishTime !== undefined) {
    const message = `${status.resize.requestId} is to be confirmed or reverted first, by an InstanceAction`;
    return { reason: 'AwaitsConfirm', message };
  }
  const { from } = OPERATION_TABLE.AttachInterface;
  const { vmState } = status ?? {};
  if (!vmState || from.includes(vmState)) return undefined;
  const message = `the Instance is ${vmState}; interfaces are attached and detached while it is ${from.join(', ')}`;
  return { reason: 'WrongState', message };
}

const AT_NEXT_START =
  'KubeVirt neither plugs an interface on the pod network into a guest that runs nor takes one out: it waits until the guest is off. Set spec.powerState to Stopped, then to Running';

/** The first interface that is not as the list has it. */
export const lateNetwork = ({ networks }: InstanceView): NetworkView | undefined =>
  networks.find(({ wanted, configured, guest }) => (wanted ? !configured : configured || guest !== 'absent'));

/** Why that one waits. */
export function whyNetworkWaits(view: InstanceView): HeldBack | undefined {
  const late = lateNetwork(view);
  if (!late) return undefined;
  const waits = (late.wanted ? late.obstacle : undefined) ?? whyAllWait(view);
  if (waits || late.plugs || isOff(view)) return waits;
  return { reason: 'NextStart', message: AT_NEXT_START };
}
