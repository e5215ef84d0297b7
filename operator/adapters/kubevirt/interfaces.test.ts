import { describe, expect, test } from 'vitest';
import type { Instance } from '#api/instance.ts';
import type { NetworkSpec } from '#api/instance-networks.ts';
import { macAddressOf } from '#core/lifecycle/mac-address.ts';
import {
  interfaceDevices,
  interfacesOf,
  interfacesOfVm,
  networkDataOf,
  withNetworks,
  withoutNetworks,
} from './interfaces.ts';
import type { VirtualMachine } from './types.ts';

const pod: NetworkSpec = { name: 'front', pod: {} };
const storage: NetworkSpec = { name: 'storage', multus: { name: 'vlan-7' }, macAddress: '02:00:00:00:00:07' };
const instance = (networks?: NetworkSpec[]): Instance =>
  ({
    metadata: { name: 'web', uid: 'uid-web' },
    spec: { ...(networks && { networks }) },
  }) as unknown as Instance;

describe('interfaces', () => {
  test('without a list: the pod network, as KubeVirt has it', () => {
    expect(interfacesOf(instance(), ['default'])).toEqual({
      interfaces: [{ name: 'default', masquerade: {} }],
      networks: [{ name: 'default', pod: {} }],
    });
  });

  test('of the list: masquerade on the pod network, a bridge on others, each with a MAC address that stays', () => {
    const it = instance([pod, storage]);
    expect(interfacesOf(it, ['front', 'storage'])).toEqual({
      interfaces: [
        { name: 'front', masquerade: {}, macAddress: macAddressOf(it, pod) },
        { name: 'storage', bridge: {}, macAddress: '02:00:00:00:00:07' },
      ],
      networks: [
        { name: 'front', pod: {} },
        { name: 'storage', multus: { networkName: 'vlan-7' } },
      ],
    });
    expect(macAddressOf(it, pod)).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(macAddressOf(it, pod)).not.toBe(macAddressOf(it, { name: 'other' }));
  });

  test('none: KubeVirt is told not to add one', () => {
    expect(interfaceDevices({ interfaces: [], networks: [] })).toEqual({
      interfaces: [],
      autoattachPodInterface: false,
    });
  });
});

describe('the template', () => {
  const vm = (networks: NetworkSpec[]): VirtualMachine => {
    const it = interfacesOf(
      instance(networks),
      networks.map(({ name }) => name),
    );
    const spec = {
      domain: { cpu: { sockets: 2 }, devices: { ...interfaceDevices(it), disks: [] } },
      networks: it.networks,
    };
    return { metadata: { name: 'web' }, spec: { template: { spec } } } as unknown as VirtualMachine;
  };
  const names = (it: VirtualMachine) => interfacesOfVm(it).interfaces.map(({ name, state }) => [name, state]);

  test('gets an interface, once, and nothing else is changed', () => {
    const it = instance([pod, storage]);
    const after = withNetworks(vm([pod]), it, ['storage']);
    expect(names(after)).toEqual([
      ['front', undefined],
      ['storage', undefined],
    ]);
    expect(withNetworks(after, it, ['storage'])).toEqual(after);
    expect(after.spec?.template?.spec?.domain).toMatchObject({ cpu: { sockets: 2 }, devices: { disks: [] } });
  });

  test('marks one absent that KubeVirt is to take out, and loses one of a guest that is off', () => {
    const both = vm([pod, storage]);
    expect(names(withoutNetworks(both, ['storage'], true))).toEqual([
      ['front', undefined],
      ['storage', 'absent'],
    ]);
    expect(names(withoutNetworks(both, ['storage'], false))).toEqual([['front', undefined]]);
    const none = withoutNetworks(vm([pod]), ['front'], false);
    expect(none.spec?.template?.spec?.domain.devices).toMatchObject({ autoattachPodInterface: false });
    const again = withNetworks(none, instance([pod]), ['front']);
    expect(again.spec?.template?.spec?.domain.devices).not.toHaveProperty('autoattachPodInterface');
  });
});

test('fixed addresses are given by cloud-init, beside the interfaces that ask by DHCP', () => {
  expect(networkDataOf(instance([pod, storage]))).toBeUndefined();
  const it = instance([pod, { ...storage, addresses: ['192.0.2.10/24'] }]);
  expect(JSON.parse(networkDataOf(it) ?? '')).toEqual({
    version: 2,
    ethernets: {
      front: { match: { macaddress: macAddressOf(it, pod) }, dhcp4: true },
      storage: { match: { macaddress: '02:00:00:00:00:07' }, addresses: ['192.0.2.10/24'] },
    },
  });
});
