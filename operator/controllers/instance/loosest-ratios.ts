import type { DeviceField } from '#adapters/kubevirt/passthrough.ts';
import type { ComputeNode } from '#api/computenode.ts';
import { featuresOf } from '#core/flavors/guest-features.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';
import type { GuestSize } from '#ports/hypervisor.ts';

/**
 * The ratios that a guest's pod is sized by. The pod is made before its node is known, and must not ask for more than
 * the claim stands for on any node: so the loosest of the fleet, and never below 1.
 */
export function loosestRatios(nodes: readonly ComputeNode[]): { cpu: number; memory: number } {
  const loosest = { cpu: 1, memory: 1 };
  for (const { status } of nodes) {
    loosest.cpu = Math.max(loosest.cpu, status?.allocationRatios?.cpu ?? 1);
    loosest.memory = Math.max(loosest.memory, status?.allocationRatios?.memory ?? 1);
  }
  return loosest;
}

/**
 * A guest's size with what its pod asks Kubernetes for, and where its VirtualMachine asks for its devices. CPUs of its own and huge
 * pages are never promised twice: no ratio makes its pod ask for less.
 */
export function guestSize(
  flavor: BuiltFlavor,
  ratios: { cpu: number; memory: number },
  passthrough: ReadonlyMap<string, DeviceField>,
): Omit<GuestSize, 'image'> {
  const features = featuresOf(flavor.extraSpecs);
  const isWhole = features.dedicatedCpus || features.pageMiB !== undefined;
  const names = Object.entries(flavor.devices ?? {}).flatMap(([name, count]) =>
    Array<string>(count).fill(name),
  );
  const isGpu = (name: string) => passthrough.get(name) === 'gpus';
  return {
    ...flavor,
    features,
    requestMilliCpu: Math.max(1, Math.floor((flavor.vcpus * 1000) / ratios.cpu)),
    requestMemoryMiB: isWhole ? flavor.memoryMiB : Math.max(1, Math.floor(flavor.memoryMiB / ratios.memory)),
    hostDevices: names.filter((name) => !isGpu(name)),
    gpus: names.filter(isGpu),
  };
}
