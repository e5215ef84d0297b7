import type { Size, SizeView } from '#core/lifecycle/size-view.ts';
import { parseMiB } from '#core/quantity.ts';
import type { VirtualMachine, VirtualMachineInstance } from './types.ts';

interface Topology {
  sockets?: number;
  cores?: number;
  threads?: number;
}

/**
 * How large a guest is, and what is asked for it. KubeVirt calls what was plugged current by the VMI's status, once a migration has
 * made it real (pkg/virt-handler/migration-target.go, hotplugCPU and hotplugMemory); what is asked is the VMI's spec.
 */
export function sizeOf(vmi: VirtualMachineInstance | undefined): SizeView | undefined {
  const { cpu, memory } = vmi?.spec?.domain ?? {};
  const { currentCPUTopology: has, memory: said } = vmi?.status ?? {};
  const guest = said?.guestRequested ?? said?.guestCurrent;
  if (!cpu || !has || memory?.guest === undefined || guest === undefined) return undefined;
  const { maxGuest } = memory;
  return {
    vcpus: vcpusOf(has),
    memoryMiB: mib(guest),
    asked: { vcpus: vcpusOf(cpu), memoryMiB: mib(memory.guest) },
    most: {
      vcpus: vcpusOf({ ...cpu, sockets: cpu.maxSockets ?? 0 }),
      ...(maxGuest !== undefined && { memoryMiB: mib(maxGuest) }),
    },
    plugging: HOTPLUG.some((type) => conditionOf(vmi, type) === 'True'),
    memoryFailed: conditionOf(vmi, 'HotMemoryChange') === 'False',
  };
}

const HOTPLUG = ['HotVCPUChange', 'HotMemoryChange'];

const conditionOf = (vmi: VirtualMachineInstance | undefined, wanted: string): string | undefined =>
  vmi?.status?.conditions?.find(({ type }) => type === wanted)?.status;

/** What the template of a VM says. */
export function templateSizeOf({ spec }: VirtualMachine): Size | undefined {
  const { cpu, memory } = spec?.template?.spec?.domain ?? {};
  if (!cpu || memory?.guest === undefined) return undefined;
  return { vcpus: vcpusOf(cpu), memoryMiB: mib(memory.guest) };
}

/** A VM of another size, in what KubeVirt carries over to a guest that runs, and nothing else. */
export function withSize(vm: VirtualMachine, { vcpus, memoryMiB }: Size): VirtualMachine {
  const template = vm.spec?.template;
  const domain = template?.spec?.domain;
  const cpu = { ...domain?.cpu, sockets: vcpus, cores: 1, threads: 1 };
  const memory = { ...domain?.memory, guest: `${memoryMiB}Mi` };
  const spec = { ...template?.spec, domain: { ...domain, cpu, memory } };
  return { ...vm, spec: { ...vm.spec, template: { ...template, spec } } } as VirtualMachine;
}

const vcpusOf = ({ sockets = 1, cores = 1, threads = 1 }: Topology): number => sockets * cores * threads;

/** The published typings call a quantity an object. */
const mib = (quantity: unknown): number => parseMiB(String(quantity), 'down');
