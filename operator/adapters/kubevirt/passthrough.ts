import type { V1PermittedHostDevices } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { KubeObject } from '#runtime/resource.ts';

/** KubeVirt's own object: its version, and the part that says which devices guests can have. */
export interface KubeVirt extends KubeObject {
  spec?: {
    configuration?: {
      permittedHostDevices?: V1PermittedHostDevices;
      vmRolloutStrategy?: string;
      developerConfiguration?: { featureGates?: string[] };
    };
  };
  status?: { observedKubeVirtVersion?: string };
}

/** Where a VirtualMachine asks for a device. */
export type DeviceField = 'hostDevices' | 'gpus';

const HOST_DEVICES_GATE = 'HostDevices';

/** KubeVirt looks at a VM's template for volumes to plug by the first gate, and only without the second (pkg/virt-controller/watch/vm/vm.go). */
export function hotplugsVolumes(kubeVirts: readonly KubeVirt[]): boolean {
  const gates = kubeVirts.flatMap(
    ({ spec }) => spec?.configuration?.developerConfiguration?.featureGates ?? [],
  );
  return gates.includes('DeclarativeHotplugVolumes') && !gates.includes('HotplugVolumes');
}

/** KubeVirt's default, since 1.5 (pkg/virt-config/virt-config.go, IsVMRolloutStrategyLiveUpdate). */
export const liveUpdates = (kubeVirts: readonly KubeVirt[]): boolean =>
  kubeVirts.every(({ spec }) => (spec?.configuration?.vmRolloutStrategy ?? 'LiveUpdate') === 'LiveUpdate');

/** As the cache keeps it. */
export function slimKubeVirt({ apiVersion, kind, metadata, spec, status }: KubeVirt): KubeVirt {
  const { permittedHostDevices, developerConfiguration, vmRolloutStrategy } = spec?.configuration ?? {};
  const { featureGates } = developerConfiguration ?? {};
  const configuration = {
    permittedHostDevices,
    developerConfiguration: { featureGates },
    ...(vmRolloutStrategy !== undefined && { vmRolloutStrategy }),
  };
  const version = status?.observedKubeVirtVersion;
  const slimStatus = version === undefined ? {} : { observedKubeVirtVersion: version };
  return { apiVersion, kind, metadata, spec: { configuration }, status: slimStatus };
}

/**
 * The devices that KubeVirt passes through, by resource name. Mediated ones are asked for as `gpus`, which every KubeVirt allows; PCI and
 * USB ones as `hostDevices`, which its API refuses without the feature gate HostDevices.
 * Source: KubeVirt v1.7.0, validatePermittedHostDevices in pkg/virt-controller/services/renderresources.go, and
 * validateHostDevicesWithPassthroughEnabled in pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go.
 */
export function passthroughOf(kubeVirts: readonly KubeVirt[]): ReadonlyMap<string, DeviceField> {
  const fields = new Map<string, DeviceField>();
  for (const { spec } of kubeVirts) {
    const { permittedHostDevices: permitted, developerConfiguration } = spec?.configuration ?? {};
    const hasGate = developerConfiguration?.featureGates?.includes(HOST_DEVICES_GATE);
    for (const { resourceName } of permitted?.mediatedDevices ?? []) fields.set(resourceName, 'gpus');
    if (!hasGate) continue;
    for (const { resourceName } of [...(permitted?.pciHostDevices ?? []), ...(permitted?.usb ?? [])])
      fields.set(resourceName, 'hostDevices');
  }
  return fields;
}

/** Why a guest cannot have its devices, whatever the node; undefined when it can. */
export function notPassedThrough(
  devices: Readonly<Record<string, number>> | undefined,
  passthrough: ReadonlyMap<string, DeviceField>,
): string | undefined {
  const name = Object.keys(devices ?? {}).find((resource) => !passthrough.has(resource));
  if (name === undefined) return undefined;
  return `KubeVirt passes no ${name} through, which the Flavor asks for in extraSpecs pci_passthrough:alias: name it in KubeVirt's configuration.permittedHostDevices with the feature gate HostDevices on, or use another Flavor`;
}
