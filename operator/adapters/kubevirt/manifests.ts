import type { V1CPU, V1Disk, V1Memory, V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import {
  API_VERSION,
  ASKED_POWER_ANNOTATION,
  INSTANCE_LABEL,
  INSTANCE_UID_LABEL,
  REQUEST_ID_ANNOTATION,
  REQUEST_ID_LABEL,
} from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { kubernetesArchitecture } from '#core/computenode/hypervisor-facts.ts';
import { pageSizeText } from '#core/flavors/guest-features.ts';
import { readImageProperties } from '#core/images/properties.ts';
import { rootClaimOf } from '#core/lifecycle/disk-record.ts';
import { rescueImage } from '#core/lifecycle/rescue.ts';
import type { GuestSize, MoveRequest } from '#ports/hypervisor.ts';
import type { Manifest } from '#runtime/resource.ts';
import { type Interfaces, interfaceDevices, interfacesOfVm, networkDataOf } from './interfaces.ts';
import type { DeviceField } from './passthrough.ts';
import { type Plugged, pluggedInto } from './plugged-volumes.ts';
import type { VirtualMachine } from './types.ts';

/** Nova's default graceful shutdown time-out (compute.shutdown_timeout), in seconds. */
const SHUTDOWN_SECONDS = 60;

/** Secret in which the KeyPair controller keeps a KeyPair's public key for KubeVirt. */
export const keySecretName = (keyPairName: string): string => `berth-keypair-${keyPairName}`;

/** The Instance as the owner of what is made for it. */
export function ownedBy(instance: Instance) {
  const { name, uid } = instance.metadata;
  return { apiVersion: API_VERSION, kind: 'Instance', name, uid, controller: true, blockOwnerDeletion: true };
}

/** Of what is made for an Instance and belongs to it. */
export function guestMetadata(instance: Instance, name: string, requestId: string) {
  return {
    name,
    namespace: instance.metadata.namespace,
    labels: guestLabels(instance),
    annotations: { [REQUEST_ID_ANNOTATION]: requestId },
    ownerReferences: [ownedBy(instance)],
  };
}

/** KubeVirt carries the labels of a VM's template on to its VMI and pods: that is how the gate knows them. */
const guestLabels = ({ metadata: { name, uid } }: Instance) => ({
  [INSTANCE_LABEL]: name,
  [INSTANCE_UID_LABEL]: uid,
});

/**
 * The VirtualMachine of an Instance. Its run strategy is Once or Halted and nothing else: KubeVirt starts the guest
 * when told to, and never restarts it by itself (ADR 0002).
 */
export function vmManifest(
  instance: Instance,
  size: GuestSize,
  {
    runs,
    requestId,
    plugged,
    nics,
  }: { runs: boolean; requestId: string; plugged: Plugged; nics: Interfaces },
) {
  const { devices, volumes } = disksOf(instance, size, plugged);
  return {
    metadata: withAsked(guestMetadata(instance, instance.metadata.name, requestId), runs),
    spec: {
      runStrategy: runs ? 'Once' : 'Halted',
      template: {
        metadata: { labels: guestLabels(instance), annotations: { [REQUEST_ID_ANNOTATION]: requestId } },
        spec: {
          ...architectureOf(size),
          domain: {
            cpu: cpuOf(size),
            memory: memoryOf(size),
            resources: { requests: requestsOf(size) },
            devices: {
              disks: devices,
              ...interfaceDevices(nics),
              ...passedThrough('hostDevices', size.hostDevices),
              ...passedThrough('gpus', size.gpus),
            },
          },
          networks: nics.networks,
          volumes,
          terminationGracePeriodSeconds: SHUTDOWN_SECONDS,
          evictionStrategy: 'LiveMigrateIfPossible',
          ...accessCredentials(instance),
        },
      },
    },
  };
}

/** A VM with the size of another Flavor, or made for another image. What KubeVirt gave it, such as its firmware's UUID, stays. */
export function reshaped(
  vm: VirtualMachine,
  instance: Instance,
  size: GuestSize,
  requestId: string,
): VirtualMachine {
  const { template } = vmManifest(instance, size, {
    runs: false,
    requestId,
    plugged: pluggedInto(instance, vm),
    nics: interfacesOfVm(vm),
  }).spec;
  const before = vm.spec?.template;
  const spec = {
    ...before?.spec,
    ...architectureOf(size),
    ...accessCredentials(instance),
    domain: { ...before?.spec?.domain, ...template.spec.domain },
    volumes: template.spec.volumes,
  };
  return { ...vm, spec: { ...vm.spec, template: { ...before, spec } } } as VirtualMachine;
}

function cpuOf({ vcpus, features: { dedicatedCpus, numaPassthrough } }: GuestSize): V1CPU {
  return {
    sockets: vcpus,
    cores: 1,
    threads: 1,
    ...(dedicatedCpus && { dedicatedCpuPlacement: true }),
    ...(numaPassthrough && { numa: { guestMappingPassthrough: {} } }),
  };
}

function memoryOf({ memoryMiB, features: { pageMiB } }: GuestSize): V1Memory {
  return {
    guest: `${memoryMiB}Mi`,
    ...(pageMiB !== undefined && { hugepages: { pageSize: pageSizeText(pageMiB) } }),
  };
}

/** What a VM's pods ask Kubernetes for, for a merge patch: as it should be by now, whatever was plugged since it was made. */
export const requestsPatch = (size: GuestSize): object => ({
  template: { spec: { domain: { resources: { requests: requestsOf(size) } } } },
});

/** Of dedicated CPUs KubeVirt asks for the whole number itself, and refuses another. */
function requestsOf({ requestMilliCpu, requestMemoryMiB, features }: GuestSize): Record<string, string> {
  return {
    ...(!features.dedicatedCpus && { cpu: `${requestMilliCpu}m` }),
    memory: `${requestMemoryMiB}Mi`,
  };
}

function passedThrough(field: DeviceField, resources: readonly string[]) {
  const list = resources.map((deviceName, i) => ({ name: `${field.toLowerCase()}-${i}`, deviceName }));
  return list.length > 0 && { [field]: list };
}

/** Also what is asked of the guest, for when the wish changes while it is carried out. */
const withAsked = <T extends { annotations: object }>(metadata: T, runs: boolean): T => ({
  ...metadata,
  annotations: { ...metadata.annotations, [ASKED_POWER_ANNOTATION]: runs ? 'Running' : 'Stopped' },
});

/** Name of the disk that a rescued guest boots from. */
export const RESCUE_DISK = 'rescue';

/**
 * The patch that makes a VM boot from its rescue image, with the root disk beside it, or from the root disk again. Lists are
 * replaced as a whole by a merge patch.
 */
export function bootPatch(
  instance: Instance,
  size: GuestSize,
  { isRescue, vm }: { isRescue: boolean; vm: VirtualMachine },
): object {
  const { devices, volumes } = disksOf(instance, size, pluggedInto(instance, vm));
  const image = isRescue ? rescueImage(instance) : undefined;
  if (image === undefined)
    return { spec: { template: { spec: { domain: { devices: { disks: devices } }, volumes } } } };
  const rescued = [
    { name: RESCUE_DISK, disk: { bus: 'virtio' }, bootOrder: 1 },
    ...devices.map((disk) => (disk.name === 'root' ? { ...disk, bootOrder: 2 } : disk)),
  ];
  const withImage = [{ name: RESCUE_DISK, containerDisk: { image } }, ...rescueVolumes(instance, volumes)];
  return { spec: { template: { spec: { domain: { devices: { disks: rescued } }, volumes: withImage } } } };
}

/** cloud-init of the rescue system, if that has user data of its own. */
function rescueVolumes(instance: Instance, volumes: V1Volume[]): V1Volume[] {
  const secret = instance.spec.rescue?.userDataSecretRef;
  if (!secret) return volumes;
  return volumes.map((volume) =>
    volume.name === 'cloudinit'
      ? {
          name: 'cloudinit',
          cloudInitNoCloud: { secretRef: { name: secret.name }, ...networkData(instance) },
        }
      : volume,
  );
}

/** The disks that every guest of its Flavor has, and those that are plugged. */
function disksOf(
  instance: Instance,
  size: GuestSize,
  plugged: Plugged,
): { devices: V1Disk[]; volumes: V1Volume[] } {
  const devices: V1Disk[] = [{ name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 }];
  const volumes: V1Volume[] = [rootVolume(instance, size)];
  const add = (name: string, volume: Omit<V1Volume, 'name'>) => {
    devices.push({ name, disk: { bus: 'virtio' } });
    volumes.push({ name, ...volume });
  };
  if (size.ephemeralDiskGiB > 0) add('ephemeral', { emptyDisk: { capacity: `${size.ephemeralDiskGiB}Gi` } });
  if (size.swapMiB > 0) add('swap', { emptyDisk: { capacity: `${size.swapMiB}Mi` } });
  const cloudInit = cloudInitVolume(instance);
  if (cloudInit) add('cloudinit', cloudInit);
  return { devices: [...devices, ...plugged.disks], volumes: [...volumes, ...plugged.volumes] };
}

function rootVolume(instance: Instance, { image }: GuestSize): V1Volume {
  return instance.spec.rootDisk.ephemeral
    ? { name: 'root', containerDisk: { image: image.containerDisk ?? '' } }
    : { name: 'root', dataVolume: { name: rootClaimOf(instance) } };
}

/** What the image's property says; else KubeVirt takes its own. Another one than that needs its gate MultiArchitecture. */
function architectureOf({ image }: GuestSize): { architecture?: string } {
  const { hw_architecture: architecture } = readImageProperties(image.properties ?? {});
  return typeof architecture === 'string' ? { architecture: kubernetesArchitecture(architecture) } : {};
}

/** What the guest is given: by the spec, or since a rebuild. */
const keyPairNameOf = ({ spec, status }: Instance): string | undefined =>
  status?.cloudInit?.keyPairName ?? spec.keyPairRef?.name;
const userDataNameOf = ({ spec, status }: Instance): string | undefined =>
  status?.cloudInit?.userDataSecretName ?? spec.userDataSecretRef?.name;

function cloudInitVolume(instance: Instance): Omit<V1Volume, 'name'> | undefined {
  const name = userDataNameOf(instance);
  const network = networkData(instance);
  if (name !== undefined) return { cloudInitNoCloud: { secretRef: { name }, ...network } };
  if (keyPairNameOf(instance) === undefined && !network) return undefined;
  return { cloudInitNoCloud: { userData: '#cloud-config\n', ...network } };
}

function networkData(instance: Instance): { networkData: string } | undefined {
  const data = networkDataOf(instance);
  return data === undefined ? undefined : { networkData: data };
}

function accessCredentials(instance: Instance) {
  const keyPair = keyPairNameOf(instance);
  if (keyPair === undefined) return {};
  const source = { secret: { secretName: keySecretName(keyPair) } };
  return { accessCredentials: [{ sshPublicKey: { source, propagationMethod: { noCloud: {} } } }] };
}

/** The root disk as a DataVolume. It belongs to the Instance, not to the VM: it outlives one that somebody deletes. */
export function dataVolumeManifest(
  instance: Instance,
  size: GuestSize,
  requestId: string,
): Manifest & object {
  const { rootDisk } = instance.spec;
  return {
    metadata: guestMetadata(instance, rootClaimOf(instance), requestId),
    spec: {
      source: imageSource(instance, size),
      storage: {
        resources: { requests: { storage: `${size.rootDiskGiB}Gi` } },
        ...(rootDisk.storageClassName && { storageClassName: rootDisk.storageClassName }),
        ...(rootDisk.accessMode && { accessModes: [rootDisk.accessMode] }),
        ...(rootDisk.volumeMode && { volumeMode: rootDisk.volumeMode }),
      },
    },
  };
}

/** A live migration, named and labelled by its request: KubeVirt refuses a second one while it runs. */
export function migrationManifest(
  { metadata: { name: vmiName, namespace } }: Instance,
  { kind, name, uid, requestId }: MoveRequest,
): Manifest & object {
  const owner = { apiVersion: API_VERSION, kind, name, uid, controller: true };
  return {
    metadata: {
      name: requestId,
      namespace,
      labels: { [REQUEST_ID_LABEL]: requestId },
      ownerReferences: [owner],
    },
    spec: { vmiName },
  };
}

function imageSource({ metadata: { namespace } }: Instance, { image }: GuestSize) {
  if (image.containerDisk) return { registry: { url: `docker://${image.containerDisk}` } };
  if (image.http) return { http: image.http };
  return { pvc: { namespace, name: image.pvc?.name } };
}
