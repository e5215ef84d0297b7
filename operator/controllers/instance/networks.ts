import { interfacesOfVm, networksOf } from '#adapters/kubevirt/interfaces.ts';
import type { VirtualMachine, VirtualMachineInstance } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import type { NetworkSpec } from '#api/instance-networks.ts';
import type { HeldBack } from '#core/lifecycle/flavor-wish.ts';
import type { NetworkView } from '#core/lifecycle/network-view.ts';
import type { Caches } from '../caches.ts';

interface Seen {
  vm: VirtualMachine | undefined;
  vmi: VirtualMachineInstance | undefined;
}

/** Every interface: those of the list in its order, then what is left of others. */
export function networkViews(instance: Instance, caches: Caches, { vm, vmi }: Seen): NetworkView[] {
  const list = networksOf(instance);
  const template = interfacesOfVm(vm);
  const names = new Set([
    ...list.map(({ name }) => name),
    ...template.interfaces.map(({ name }) => name),
    ...(vmi?.spec.domain.devices?.interfaces ?? []).map(({ name }) => name),
  ]);
  return [...names].map((name) => {
    const entry = list.find((it) => it.name === name);
    const inVm = template.interfaces.find((it) => it.name === name && it.state !== 'absent');
    const onPod = [...template.networks, ...(vmi?.spec.networks ?? [])].some(
      (it) => it.name === name && it.pod,
    );
    const configured = inVm !== undefined && (entry === undefined || isSame(template.networks, entry));
    const obstacle = entry && !configured ? obstacleOf(instance, caches, entry) : undefined;
    return {
      name,
      wanted: entry !== undefined,
      configured,
      guest: inGuest(vmi, name),
      plugs: entry ? entry.multus !== undefined : !onPod,
      ...(obstacle && { obstacle }),
    };
  });
}

/** An entry that was taken off and put on again for another network is not yet what the VM has by its name. */
const isSame = (
  networks: readonly { name: string; multus?: { networkName: string } }[],
  entry: NetworkSpec,
) => networks.some((it) => it.name === entry.name && it.multus?.networkName === entry.multus?.name);

/** What the domain has is said by virt-handler; what the pod has, by multus. */
function inGuest(vmi: VirtualMachineInstance | undefined, name: string): NetworkView['guest'] {
  const wanted = vmi?.spec.domain.devices?.interfaces?.find((it) => it.name === name);
  const said = vmi?.status?.interfaces?.find((it) => it.name === name);
  if (!wanted || wanted.state === 'absent') return wanted || said ? 'unplugging' : 'absent';
  return said?.infoSource?.includes('domain') ? 'ready' : 'plugging';
}

function obstacleOf(
  { metadata: { namespace } }: Instance,
  { networkDefinitions }: Caches,
  { multus }: NetworkSpec,
): HeldBack | undefined {
  if (!multus) return undefined;
  const key = `${namespace}/${multus.name}`;
  if (networkDefinitions.get(key)) return undefined;
  const message = `NetworkAttachmentDefinition ${multus.name} does not exist in namespace ${namespace}: create it, or ask who runs the cluster whether multus is there`;
  return { reason: 'NetworkNotFound', message };
}
