import type { V1Disk, V1Volume } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import { attachedTo } from '#adapters/kubernetes/attachments.ts';
import {
  ATTACHED_TO_ANNOTATION,
  INSTANCE_LABEL,
  INSTANCE_UID_LABEL,
  REQUEST_ID_ANNOTATION,
  VOLUME_LABEL,
} from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { VolumeSpec } from '#api/instance-volumes.ts';
import { claimOfDisk, spareClaimsOf } from '#core/lifecycle/disk-record.ts';
import type { KubeObject, Manifest } from '#runtime/resource.ts';
import type { VirtualMachine } from './types.ts';

/** The claim of an entry of spec.volumes: one that there is, or the one that is made for it, or that a move took it to. */
export const claimNameOf = (instance: Instance, { name, pvc }: Pick<VolumeSpec, 'name' | 'pvc'>): string =>
  pvc?.name ?? claimOfDisk(instance, name);

/** Was the volume made for an entry of this name, of an Instance of this name? Kept, it outlives that Instance. */
export function isMadeFor({ metadata }: KubeObject, instance: Instance, name: string): boolean {
  const { labels } = metadata;
  return labels?.[VOLUME_LABEL] === name && labels[INSTANCE_LABEL] === instance.metadata.name;
}

/** A volume of the VM that is no part of its making: KubeVirt plugs and unplugs it, and it is kept whatever becomes of the rest. */
const isPlugged = ({ dataVolume, persistentVolumeClaim }: V1Volume): boolean =>
  (dataVolume?.hotpluggable ?? persistentVolumeClaim?.hotpluggable) === true;

export interface Plugged {
  disks: V1Disk[];
  volumes: V1Volume[];
}

/** What of the template's disks can be plugged and unplugged. */
export function pluggedOf(vm: Pick<VirtualMachine, 'spec'> | undefined): Plugged {
  const { domain, volumes = [] } = vm?.spec?.template?.spec ?? {};
  const plugged = volumes.filter(isPlugged);
  const names = new Set(plugged.map(({ name }) => name));
  return { volumes: plugged, disks: (domain?.devices?.disks ?? []).filter(({ name }) => names.has(name)) };
}

/** The same for a VM that is off, of this Instance: on the claims that are its disks, which one that it is being copied to is not. */
export function pluggedInto(instance: Instance, vm: Pick<VirtualMachine, 'spec'> | undefined): Plugged {
  const spare = new Set(spareClaimsOf(instance).map(({ claimName }) => claimName));
  const { disks, volumes } = pluggedOf(vm);
  const onDisk = (it: V1Volume): V1Volume => {
    if (!it.dataVolume || !spare.has(it.dataVolume.name)) return it;
    return { ...it, dataVolume: { ...it.dataVolume, name: claimOfDisk(instance, it.name) } };
  };
  return { disks, volumes: volumes.map(onDisk) };
}

export const claimOf = ({ dataVolume, persistentVolumeClaim }: V1Volume): string | undefined =>
  dataVolume?.name ?? persistentVolumeClaim?.claimName;

/** SCSI: a guest has room for as many as the list can have, and none has to be set aside. */
export function pluggable(instance: Instance, entry: VolumeSpec): { disk: V1Disk; volume: V1Volume } {
  const { name, shareable = false } = entry;
  const claimName = claimNameOf(instance, entry);
  const source = entry.blank
    ? { dataVolume: { name: claimName, hotpluggable: true } }
    : { persistentVolumeClaim: { claimName, hotpluggable: true } };
  return {
    disk: { name, serial: name, disk: { bus: 'scsi' }, ...(shareable && { shareable }) },
    volume: { name, ...source },
  };
}

export const pluggableAll = (instance: Instance, entries: readonly VolumeSpec[]): Plugged => {
  const all = entries.map((entry) => pluggable(instance, entry));
  return { disks: all.map(({ disk }) => disk), volumes: all.map(({ volume }) => volume) };
};

/** An empty volume. It has no owner: what becomes of it after the Instance is said by the spec at that time. */
export function blankVolumeManifest(
  instance: Instance,
  { name, blank, shareable = false }: VolumeSpec,
  requestId: string,
): Manifest & object {
  return {
    metadata: blankVolumeMetadata(instance, {
      name,
      claimName: claimNameOf(instance, { name }),
      requestId,
      shared: shareable,
    }),
    spec: {
      source: { blank: {} },
      storage: {
        resources: { requests: { storage: blank?.size ?? '' } },
        ...(blank?.storageClassName && { storageClassName: blank.storageClassName }),
        ...(blank?.accessMode && { accessModes: [blank.accessMode] }),
        ...(blank?.volumeMode && { volumeMode: blank.volumeMode }),
      },
    },
  };
}

/** Of the claim of a blank volume: by its labels it is known when the Instance has gone. */
export function blankVolumeMetadata(
  instance: Instance,
  {
    name,
    claimName,
    requestId,
    shared = false,
  }: { name: string; claimName: string; requestId: string; shared?: boolean },
) {
  const { name: instanceName, namespace, uid } = instance.metadata;
  const attached = attachedTo([{ name: instanceName, uid, shared }]) ?? '';
  return {
    name: claimName,
    namespace,
    labels: { [INSTANCE_LABEL]: instanceName, [INSTANCE_UID_LABEL]: uid, [VOLUME_LABEL]: name },
    annotations: { [REQUEST_ID_ANNOTATION]: requestId, [ATTACHED_TO_ANNOTATION]: attached },
  };
}

/** The VM with these entries plugged; those that it has stay as they are. */
export function withVolumes(
  vm: VirtualMachine,
  instance: Instance,
  entries: readonly VolumeSpec[],
): VirtualMachine {
  const has = new Set(pluggedOf(vm).volumes.map(({ name }) => name));
  const more = pluggableAll(
    instance,
    entries.filter(({ name }) => !has.has(name)),
  );
  return withDisks(
    vm,
    (disks) => [...disks, ...more.disks],
    (volumes) => [...volumes, ...more.volumes],
  );
}

export function withoutVolumes(vm: VirtualMachine, names: readonly string[]): VirtualMachine {
  const going = new Set(
    pluggedOf(vm)
      .volumes.map(({ name }) => name)
      .filter((name) => names.includes(name)),
  );
  const stays = ({ name }: { name: string }) => !going.has(name);
  return withDisks(
    vm,
    (disks) => disks.filter(stays),
    (volumes) => volumes.filter(stays),
  );
}

type Template = NonNullable<NonNullable<NonNullable<VirtualMachine['spec']>['template']>['spec']>;
type Disks = NonNullable<Template['domain']['devices']['disks']>;
type Volumes = NonNullable<Template['volumes']>;

function withDisks(
  vm: VirtualMachine,
  disks: (before: Disks) => Disks,
  volumes: (before: Volumes) => Volumes,
): VirtualMachine {
  const template = vm.spec?.template;
  const before = template?.spec;
  if (!vm.spec || !before) return vm;
  const { devices } = before.domain;
  const domain = { ...before.domain, devices: { ...devices, disks: disks(devices?.disks ?? []) } };
  const spec = { ...before, domain, volumes: volumes(before.volumes ?? []) };
  return { ...vm, spec: { ...vm.spec, template: { ...template, spec } } };
}
