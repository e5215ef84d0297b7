import type { V1Interface, V1Network } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { Instance } from '#api/instance.ts';
import { DEFAULT_NETWORK, type NetworkSpec } from '#api/instance-networks.ts';
import { macAddressOf } from '#core/lifecycle/mac-address.ts';
import type { VirtualMachine } from './types.ts';

export interface Interfaces {
  interfaces: V1Interface[];
  networks: V1Network[];
}

/** The list, or what stands for an absent one. */
export const networksOf = ({ spec }: Instance): NetworkSpec[] =>
  spec.networks ?? [{ name: DEFAULT_NETWORK, pod: {} }];

/** An Instance without a list is as KubeVirt has it, also its MAC address. */
function interfaceOf(instance: Instance, network: NetworkSpec): V1Interface {
  const { name, pod } = network;
  const mac = instance.spec.networks && { macAddress: macAddressOf(instance, network) };
  return { name, ...(pod ? { masquerade: {} } : { bridge: {} }), ...mac };
}

const networkOf = ({ name, multus }: NetworkSpec): V1Network =>
  multus ? { name, multus: { networkName: multus.name } } : { name, pod: {} };

export function interfacesOf(instance: Instance, names: readonly string[]): Interfaces {
  const chosen = networksOf(instance).filter(({ name }) => names.includes(name));
  return { interfaces: chosen.map((it) => interfaceOf(instance, it)), networks: chosen.map(networkOf) };
}

/** What the template has, and what of it is on its way out. */
export function interfacesOfVm(vm: Pick<VirtualMachine, 'spec'> | undefined): Interfaces {
  const { domain, networks = [] } = vm?.spec?.template?.spec ?? {};
  return { interfaces: domain?.devices?.interfaces ?? [], networks };
}

/** KubeVirt adds an interface on the pod network to a guest that has none, unless it is told not to. */
export const interfaceDevices = ({ interfaces }: Interfaces) =>
  interfaces.length > 0 ? { interfaces } : { interfaces, autoattachPodInterface: false };

/** The VM with these networks in the place of what it has of the same names. */
export function withNetworks(
  vm: VirtualMachine,
  instance: Instance,
  names: readonly string[],
): VirtualMachine {
  const more = interfacesOf(instance, names);
  const stays = ({ name }: { name: string }) => !more.interfaces.some((it) => it.name === name);
  return withInterfaces(vm, ({ interfaces, networks }) => ({
    interfaces: [...interfaces.filter(stays), ...more.interfaces],
    networks: [...networks.filter(stays), ...more.networks],
  }));
}

/** KubeVirt takes what is marked absent out of a guest that runs, and then out of the template. */
export function withoutNetworks(vm: VirtualMachine, names: readonly string[], runs: boolean): VirtualMachine {
  const goes = ({ name }: { name: string }) => names.includes(name);
  return withInterfaces(vm, ({ interfaces, networks }) =>
    runs
      ? { interfaces: interfaces.map((it) => (goes(it) ? { ...it, state: 'absent' } : it)), networks }
      : { interfaces: interfaces.filter((it) => !goes(it)), networks: networks.filter((it) => !goes(it)) },
  );
}

function withInterfaces(vm: VirtualMachine, change: (before: Interfaces) => Interfaces): VirtualMachine {
  const template = vm.spec?.template;
  const before = template?.spec;
  if (!vm.spec || !before) return vm;
  const after = change(interfacesOfVm(vm));
  const { autoattachPodInterface: _, ...devices } = before.domain.devices;
  const domain = { ...before.domain, devices: { ...devices, ...interfaceDevices(after) } };
  return {
    ...vm,
    spec: { ...vm.spec, template: { ...template, spec: { ...before, domain, networks: after.networks } } },
  };
}

/**
 * Network configuration for cloud-init (version 2), where there are fixed addresses; JSON is YAML, too. It takes the place of
 * cloud-init's own, so that the other interfaces are in it as well.
 */
export function networkDataOf(instance: Instance): string | undefined {
  const networks = instance.spec.networks ?? [];
  if (networks.every(({ addresses }) => addresses === undefined)) return undefined;
  const ethernets = networks.map((network) => {
    const match = { macaddress: macAddressOf(instance, network) };
    const { name, addresses } = network;
    return [name, addresses ? { match, addresses } : { match, dhcp4: true }];
  });
  return JSON.stringify({ version: 2, ethernets: Object.fromEntries(ethernets) });
}
