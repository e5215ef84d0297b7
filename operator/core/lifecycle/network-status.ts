import type { InstanceStatus } from '#api/instance.ts';
import type { NetworkView } from './network-view.ts';
import type { InstanceView } from './situation.ts';

type NetworkStatus = NonNullable<InstanceStatus['networks']>[number];

/** status.networks: undefined for an Instance that has the pod network alone because it says nothing. */
export function networkStatusesOf({ instance, networks, guest }: InstanceView): InstanceStatus['networks'] {
  const isOff = guest.power === 'absent';
  const going = networks.filter((it) => !it.wanted && (it.configured || it.guest !== 'absent'));
  if (!instance.spec.networks && going.length === 0) return undefined;
  const shown = networks.filter((it) => it.wanted || going.includes(it));
  return shown.length > 0 ? shown.map((it) => statusOf(it, isOff)) : undefined;
}

function statusOf({ name, obstacle, ...it }: NetworkView, isOff: boolean): NetworkStatus {
  if (!it.wanted) return { name, phase: 'Detaching' };
  if (!it.configured)
    return { name, phase: 'Pending', ...(obstacle && { message: obstacle.message.slice(0, 512) }) };
  return { name, phase: isOff || it.guest === 'ready' ? 'Attached' : 'Attaching' };
}
