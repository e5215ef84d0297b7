import type { V1Interface, V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import { interfacesOfVm } from '#adapters/kubevirt/interfaces.ts';
import { claimOf, pluggedOf } from '#adapters/kubevirt/plugged-volumes.ts';
import type { VirtualMachine, VirtualMachineInstance } from '#adapters/kubevirt/types.ts';

/** One step for every interface: into the guest's list, into the domain; marked absent, out of both. The same object: no step. */
export function withInterfacesOf(vm: VirtualMachine, vmi: VirtualMachineInstance): VirtualMachineInstance {
  const template = interfacesOfVm(vm);
  const before = vmi.spec.domain.devices?.interfaces ?? [];
  const said = vmi.status?.interfaces ?? [];
  const isOut = ({ name, state }: V1Interface) => state === 'absent' && !said.some((it) => it.name === name);
  const state = (name: string) => template.interfaces.find((it) => it.name === name)?.state;
  const kept = before.filter((it) => !isOut(it));
  const added = template.interfaces.filter(
    (it) => !isKnown(before, it) && it.state !== 'absent' && it.bridge !== undefined,
  );
  const after = [
    ...kept.map((it) => ({ ...it, ...(state(it.name) && { state: state(it.name) }) })),
    ...added,
  ];
  const inDomain = before.filter((it) => it.state !== 'absent');
  const interfaces = inDomain.map(({ name }) => ({ name, infoSource: 'domain' }));
  if (JSON.stringify([before, said]) === JSON.stringify([after, interfaces])) return vmi;
  const networks = [...template.networks, ...(vmi.spec.networks ?? [])].filter(
    (it, at, all) => all.findIndex(({ name }) => name === it.name) === at,
  );
  const domain = { ...vmi.spec.domain, devices: { interfaces: after } };
  const news = { spec: { ...vmi.spec, domain, networks }, status: { ...vmi.status, interfaces } };
  return { ...vmi, ...news } as VirtualMachineInstance;
}

/** Names of interfaces that are marked absent and that the guest has no more: KubeVirt takes them out of the template. */
export const interfacesGone = (vm: VirtualMachine, vmi: VirtualMachineInstance): string[] =>
  interfacesOfVm(vm)
    .interfaces.filter(
      (it) => it.state === 'absent' && !isKnown(vmi.spec.domain.devices?.interfaces ?? [], it),
    )
    .map(({ name }) => name);

/** One step for every volume: into the guest's list, ready, out of the list, gone. The same object: no step. */
export function withVolumesOf(vm: VirtualMachine, vmi: VirtualMachineInstance): VirtualMachineInstance {
  const { volumes } = pluggedOf(vm);
  const before = vmi.spec.volumes ?? [];
  const said = vmi.status?.volumeStatus ?? [];
  const isSame = (it: V1Volume) => volumes.some((other) => JSON.stringify(other) === JSON.stringify(it));
  const isRoot = ({ name }: { name?: string }) => name === 'root';
  const kept = before.filter((it) => isRoot(it) || isSame(it));
  const added = volumes.filter((it) => !isKnown(kept, it) && !isKnown(said, it));
  const after = [...kept, ...added];
  const volumeStatus = [
    ...said.filter(isRoot),
    ...said.filter((it) => !isRoot(it) && isKnown(before, it)).map((it) => ({ ...it, phase: 'Ready' })),
    ...before
      .filter((it) => !isRoot(it) && !isKnown(said, it))
      .map((it) => ({
        name: it.name,
        phase: 'Pending',
        target: '',
        hotplugVolume: {},
        persistentVolumeClaimInfo: { claimName: claimOf(it) ?? '' },
      })),
  ];
  if (JSON.stringify([before, said]) === JSON.stringify([after, volumeStatus])) return vmi;
  const news = { spec: { ...vmi.spec, volumes: after }, status: { ...vmi.status, volumeStatus } };
  return { ...vmi, ...news } as VirtualMachineInstance;
}

/** Asked of the guest once, and taken back never: pkg/virt-controller/watch/vm/vm.go, handleCPUChangeRequest. The same object: no step. */
export function withSizeOf(vm: VirtualMachine, vmi: VirtualMachineInstance): VirtualMachineInstance {
  const wanted = vm.spec?.template?.spec?.domain;
  const { cpu, memory } = vmi.spec.domain;
  const isPending = cpu?.sockets !== vmi.status?.currentCPUTopology?.sockets;
  if (isPending || (wanted?.cpu?.sockets ?? 1) <= (cpu?.sockets ?? 1)) return vmi;
  const domain = {
    ...vmi.spec.domain,
    cpu: { ...cpu, sockets: wanted?.cpu?.sockets },
    memory: { ...memory, guest: wanted?.memory?.guest },
  };
  const conditions = [...(vmi.status?.conditions ?? []), { type: 'HotVCPUChange', status: 'True' }];
  const news = { spec: { ...vmi.spec, domain }, status: { ...vmi.status, conditions } };
  return { ...vmi, ...news } as VirtualMachineInstance;
}

/** What is plugged becomes real with a migration: pkg/virt-handler/migration-target.go, finalizeMigration. */
export const grownStatus = ({ spec, status }: VirtualMachineInstance) => ({
  ...status,
  currentCPUTopology: { sockets: spec.domain.cpu?.sockets },
  memory: { guestRequested: spec.domain.memory?.guest },
  conditions: status?.conditions?.filter(({ type }) => type !== 'HotVCPUChange'),
});

const isKnown = (those: readonly { name?: string }[], { name }: { name?: string }): boolean =>
  those.some((it) => it.name === name);
