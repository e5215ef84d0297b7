import type { Json } from '../scheduling/args.ts';
import type { HostState } from '../scheduling/host-state.ts';

type Labels = Readonly<Record<string, string>>;

/** Kubernetes' names of architectures, and Nova's. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
};

/** Labels that virt-handler puts on its node: prefix, then name (kubevirt.io/api/core/v1/types.go). */
const FEATURE = 'cpu-feature.node.kubevirt.io/';
const REQUIRED_FEATURE = 'host-model-required-features.node.kubevirt.io/';
const HOST_MODEL = 'host-model-cpu.node.kubevirt.io/';
const VENDOR = 'cpu-vendor.node.kubevirt.io/';

/** Nova's spelling of a Node's architecture. */
export const novaArchitecture = (architecture: string): string => ARCHITECTURES[architecture] ?? architecture;

/** Kubernetes' and KubeVirt's spelling of one that is in Nova's. */
export function kubernetesArchitecture(architecture: string): string {
  const known = Object.entries(ARCHITECTURES).find(([, novas]) => novas === architecture);
  return known?.[0] ?? architecture;
}

/** Nova's supported_instances. KubeVirt runs QEMU with hardware virtual machines: through KVM where the node has it. */
export function supportedInstances(
  architecture: string,
  hasKvm: boolean,
): NonNullable<HostState['supportedInstances']> {
  const arch = novaArchitecture(architecture);
  return [[arch, 'qemu', 'hvm'], ...(hasKvm ? [[arch, 'kvm', 'hvm'] as const] : [])];
}

/** Nova's cpu_info, by virt-handler's labels. Topology and address bits are not among them. */
export function cpuInfo(architecture: string, labels: Labels): Json {
  const [model] = named(labels, HOST_MODEL);
  const [vendor] = named(labels, VENDOR);
  return {
    arch: novaArchitecture(architecture),
    ...(model !== undefined && { model }),
    ...(vendor !== undefined && { vendor }),
    features: [...new Set([...named(labels, FEATURE), ...named(labels, REQUIRED_FEATURE)])].sort(),
  };
}

function named(labels: Labels, prefix: string): string[] {
  return Object.entries(labels)
    .filter(([label, value]) => label.startsWith(prefix) && value === 'true')
    .map(([label]) => label.slice(prefix.length))
    .sort();
}
