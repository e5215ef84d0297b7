import { featuresOf } from '../flavors/guest-features.ts';
import { HALF_DONE } from './copy-disks.ts';
import type { BuiltFlavor } from './guest-size.ts';
import type { InstanceView } from './situation.ts';
import { isPending, isSized, type SizeView } from './size-view.ts';

/** How a guest gets another size: shut down, plugged while it runs, or not at all, for this reason; `later`: not known yet. */
export type ResizeWay =
  | { kind: 'cold' }
  | { kind: 'live' }
  | { kind: 'later' }
  | { kind: 'none'; why: string };

const COLD: ResizeWay = { kind: 'cold' };

/** What spec.resizePolicy comes to. A guest that is off is not disturbed by a cold resize: nothing else is asked of it. */
export function resizeWay(view: InstanceView, built: BuiltFlavor, wanted: BuiltFlavor): ResizeWay {
  const { instance, guest } = view;
  const { resizePolicy } = instance.spec;
  if (resizePolicy === 'Cold' || guest.power !== 'running') return COLD;
  const why = whyNotLive(view, built, wanted);
  if (why !== undefined) return resizePolicy === 'Live' ? { kind: 'none', why } : COLD;
  return guest.liveMigratable ? { kind: 'live' } : { kind: 'later' };
}

/**
 * Why KubeVirt does not plug this into a guest that runs; undefined: it does. KubeVirt's own rules: pkg/virt-controller/watch/vm/vm.go
 * (handleCPUChangeRequest, handleMemoryHotplugRequest) and pkg/liveupdate/memory/memory.go, v1.7.0.
 */
export function whyNotLive(view: InstanceView, built: BuiltFlavor, wanted: BuiltFlavor): string | undefined {
  return (
    whyNotThis(built, wanted) ?? whyNotNow(view, wanted) ?? whyNotSoMuch(view, built, wanted) ?? whyHeld(view)
  );
}

/** By the two Flavors alone. */
function whyNotThis(built: BuiltFlavor, wanted: BuiltFlavor): string | undefined {
  if (wanted.vcpus < built.vcpus || wanted.memoryMiB < built.memoryMiB)
    return `${wanted.name} is smaller, and a guest that runs only grows`;
  const other = OTHER_FIELDS.find((field) => JSON.stringify(built[field]) !== JSON.stringify(wanted[field]));
  if (other) return `${wanted.name} differs in ${NAMES[other]}, and only vCPUs and memory are plugged`;
  const { dedicatedCpus, pageMiB } = featuresOf(built.extraSpecs);
  if (dedicatedCpus || pageMiB !== undefined || built.devices)
    return 'the guest has CPUs, huge pages or devices of its own, which stay with its node';
  if (wanted.vcpus > built.vcpus || wanted.memoryMiB > built.memoryMiB) return undefined;
  return `${wanted.name} has the same vCPUs and memory: there is nothing to plug`;
}

const NAMES = {
  rootDiskGiB: 'rootDisk',
  ephemeralDiskGiB: 'ephemeralDisk',
  swapMiB: 'swap',
  extraSpecs: 'extraSpecs',
  devices: 'devices',
} as const;
const OTHER_FIELDS = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** By what KubeVirt and its VM are at. */
function whyNotNow({ guest, liveUpdates }: InstanceView, wanted: BuiltFlavor): string | undefined {
  const { vm, size, disks } = guest;
  if (!liveUpdates)
    return "KubeVirt changes no guest that runs: its configuration's vmRolloutStrategy is not LiveUpdate";
  if (!size) return 'KubeVirt does not say how large the guest is';
  if (vm?.restartRequired !== undefined)
    return `KubeVirt wants the guest stopped and started first: ${vm.restartRequired}`;
  if (disks?.halfSince) return HALF_DONE;
  if (!isPending(size) || isSized(size.asked, wanted)) return undefined;
  return `KubeVirt holds on to an earlier change, ${sizeText(size.asked)}: stop and start the guest`;
}

const sizeText = ({ vcpus, memoryMiB }: { vcpus: number; memoryMiB: number }): string =>
  `${vcpus} vCPUs and ${memoryMiB} MiB`;

/** Of a guest whose growth was given up after KubeVirt had taken it up. */
export const wouldGrow = ({ asked }: SizeView): string =>
  `KubeVirt would make it ${sizeText(asked)}, a resize that was given up: stop and start the guest, or name that Flavor again`;

/** QEMU's block of memory that is plugged, in MiB. */
const BLOCK_MIB = 2;

/** By the head-room that the guest booted with. */
function whyNotSoMuch(
  { guest: { size } }: InstanceView,
  built: BuiltFlavor,
  wanted: BuiltFlavor,
): string | undefined {
  const most = size?.most;
  if (wanted.vcpus > built.vcpus && wanted.vcpus > (most?.vcpus ?? 0))
    return `KubeVirt plugs ${most?.vcpus ?? 0} vCPUs into this guest at most, since it booted with ${built.vcpus}`;
  if (wanted.memoryMiB === built.memoryMiB) return undefined;
  if (most?.memoryMiB === undefined)
    return 'KubeVirt plugs no memory into this guest: it has to boot with 1 GiB or more, a multiple of 2 MiB, on amd64';
  if (wanted.memoryMiB > most.memoryMiB)
    return `KubeVirt plugs memory into this guest up to ${most.memoryMiB} MiB`;
  if (wanted.memoryMiB % BLOCK_MIB === 0) return undefined;
  return `memory is plugged in blocks of ${BLOCK_MIB} MiB, and ${wanted.name} has ${wanted.memoryMiB}`;
}

/** What is plugged becomes real with a new launcher, which the guest has to move to. */
function whyHeld({ guest: { liveMigratable: said } }: InstanceView): string | undefined {
  if (said?.possible !== false) return undefined;
  return `the guest cannot move while it runs, which this takes: ${said.message}`;
}
