import { withSize } from '#adapters/kubevirt/guest-size-view.ts';
import {
  type Interfaces,
  interfacesOf,
  interfacesOfVm,
  withNetworks,
  withoutNetworks,
} from '#adapters/kubevirt/interfaces.ts';
import { pluggingVolumes, withDisks, withOwnDisks } from '#adapters/kubevirt/named-disks.ts';
import {
  type Plugged,
  pluggableAll,
  pluggedInto,
  withoutVolumes,
  withVolumes,
} from '#adapters/kubevirt/plugged-volumes.ts';
import type { DataVolume, VirtualMachine } from '#adapters/kubevirt/types.ts';
import { ASKED_POWER_ANNOTATION, REQUEST_ID_ANNOTATION, VOLUME_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { claimOfDisk, rootClaimOf } from '#core/lifecycle/disk-record.ts';
import type { GuestSize, Hypervisor } from '#ports/hypervisor.ts';
import type { KubeObject } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import { locate, placeOf } from './places.ts';
import type { Scene } from './scene.ts';
import { makeClaim, release, reserve } from './volume-claims.ts';

/** KubeVirt as the operator reaches it. */
export function hypervisorOf(scene: Scene): Hypervisor {
  const { kubevirt, caches } = scene;
  const subresource = (verb: 'pause' | 'unpause' | 'softreboot' | 'reset') => () =>
    scene.call(verb, () => kubevirt.subresource(verb));
  return {
    create: (instance, size, { runs, volumes, networks, requestId }) =>
      scene.call('createVm', () => {
        const entries = reserve(scene, instance, volumes);
        const disk = rootClaimOf(instance);
        if (!caches.dataVolumes.get(`default/${disk}`)) makeRoot(scene, disk, requestId);
        if (kubevirt.vm) return;
        const vm = kubevirt.owned('web', {
          spec: {
            runStrategy: runs ? 'Once' : 'Halted',
            template: templateOf(
              size,
              pluggableAll(instance, entries),
              interfacesOf(instance, networks),
              rootClaimOf(instance),
            ),
          },
        }) as VirtualMachine;
        const annotations = { [ASKED_POWER_ANNOTATION]: runs ? 'Running' : 'Stopped' };
        scene.put('vms', { ...vm, metadata: { ...vm.metadata, annotations } });
      }),
    plugSize: (_, size) =>
      scene.call('plugSize', () => {
        if (kubevirt.vm) scene.put('vms', withSize(kubevirt.vm, size));
      }),
    setRunning: (instance, runs, requestId) =>
      scene.call(`run ${runs}`, () => {
        if (runs) nameOwnDisks(scene, instance);
        kubevirt.setRunning(runs, requestId);
      }),
    setBoot: (instance, __, rescue) =>
      scene.call(`boot ${rescue ? 'rescue' : 'root'}`, () =>
        kubevirt.setBoot(rescue, rootClaimOf(instance), pluggedInto(instance, kubevirt.vm)),
      ),
    pause: subresource('pause'),
    unpause: subresource('unpause'),
    softReboot: subresource('softreboot'),
    reset: subresource('reset'),
    replacePod: (instance) =>
      scene.call('replacePod', () => {
        nameOwnDisks(scene, instance);
        kubevirt.deleteVmi();
      }),
    plugVolumes: (instance, names) =>
      scene.call(`plug ${names}`, () => {
        const entries = reserve(scene, instance, names);
        if (kubevirt.vm) scene.put('vms', pluggingVolumes(withVolumes(kubevirt.vm, instance, entries)));
      }),
    unplugVolumes: (_, names) =>
      scene.call(`unplug ${names}`, () => {
        if (kubevirt.vm) scene.put('vms', pluggingVolumes(withoutVolumes(kubevirt.vm, names)));
      }),
    plugNetworks: (instance, names) =>
      scene.call(`plug network ${names}`, () => {
        if (kubevirt.vm) scene.put('vms', withNetworks(kubevirt.vm, instance, names));
      }),
    unplugNetworks: (_, names, runs) =>
      scene.call(`unplug network ${names}`, () => {
        if (kubevirt.vm) scene.put('vms', withoutNetworks(kubevirt.vm, names, runs));
      }),
    releaseVolumes: (instance, volumes) =>
      scene.call(`release ${volumes.map(({ name }) => name)}`, () => {
        for (const { claimName, made, deleteOnTermination } of volumes)
          release(scene, instance, claimName, made && deleteOnTermination);
      }),
    delete: (_, blank) =>
      scene.call('deleteVm', () => {
        for (const store of [caches.vms, caches.dataVolumes] as unknown as Store<KubeObject>[])
          for (const it of store.list().filter((other) => isGoing(other, blank)))
            kubevirt.put(store, {
              ...it,
              metadata: { ...it.metadata, deletionTimestamp: scene.now.toISOString() },
            });
        if (!kubevirt.vmi && kubevirt.vm) kubevirt.remove(caches.vms, kubevirt.vm);
      }),
    rootVolume: async (instance) => ({
      sizeGiB: scene.diskGiB,
      isBound: true,
      storageClass: 'network',
      expandable: true,
      onlyOn: scene.isLocal ? [placeOf(scene, rootClaimOf(instance)) ?? ''] : undefined,
    }),
    makeDiskCopy: (instance, { name, claimName, nodeName, isFull }, requestId) =>
      scene.call(`copy ${claimName}`, () => {
        const there = caches.dataVolumes.get(`default/${claimName}`);
        if (there?.metadata.deletionTimestamp) throw new Error('mishap: the copy is being deleted');
        if (there) return;
        if (name === 'root') scene.put('dataVolumes', diskOf(scene, claimName, requestId));
        else makeClaim(scene, name, claimName, 'uid-web');
        locate(scene, claimName, nodeName);
        if (isFull && kubevirt.vmi) throw new Error(`${name} is copied while the guest may write`);
        const content = isFull && kubevirt.contents.get(claimOfDisk(instance, name));
        kubevirt.contents.set(claimName, content || 'nothing');
      }),
    nameDisks: (_, disks) =>
      scene.call(`name ${disks.map(({ claimName }) => claimName)}`, () => {
        if (kubevirt.vm && !kubevirt.vm.metadata.deletionTimestamp)
          scene.put('vms', withDisks(kubevirt.vm, disks));
      }),
    dropDisk: (_, { claimName }) =>
      scene.call(`drop ${claimName}`, () => {
        const there = caches.dataVolumes.get(`default/${claimName}`);
        if (there) goes(scene, there);
      }),
    reshape: (instance, size) =>
      scene.call('reshape', () => {
        const { vm } = kubevirt;
        scene.diskGiB = Math.max(scene.diskGiB, size.rootDiskGiB);
        if (kubevirt.vmi) throw new Error('the guest runs while its VM is changed');
        if (vm)
          scene.put('vms', {
            ...vm,
            spec: {
              ...vm.spec,
              template: templateOf(
                size,
                pluggedInto(instance, vm),
                interfacesOfVm(vm),
                rootClaimOf(instance),
              ),
            },
          });
        return true;
      }),
    remakeRoot: (instance, size, requestId) =>
      scene.call('remakeRoot', () => {
        const { vm } = kubevirt;
        if (kubevirt.vmi) throw new Error('the guest runs while its disk is replaced');
        if (vm)
          scene.put('vms', {
            ...vm,
            spec: {
              ...vm.spec,
              template: templateOf(
                size,
                pluggedInto(instance, vm),
                interfacesOfVm(vm),
                rootClaimOf(instance),
              ),
            },
          });
        const there = caches.dataVolumes.get(`default/${rootClaimOf(instance)}`);
        const { metadata } = there ?? {};
        if (metadata?.annotations?.[REQUEST_ID_ANNOTATION] === requestId) return !metadata.deletionTimestamp;
        if (there) goes(scene, there);
        else makeRoot(scene, rootClaimOf(instance), requestId);
        return there === undefined;
      }),
    liveMigrate: (_, { requestId }) =>
      scene.call('liveMigrate', () =>
        kubevirt.migrate(requestId)
          ? { kind: 'begun' as const }
          : { kind: 'refused' as const, message: 'it cannot move, or moves already' },
      ),
    abortMigration: async (_, { name }) => {
      await scene.call('abortMigration', () => kubevirt.abort(name));
      return 'aborted';
    },
    isGone: async () => !kubevirt.vm && !kubevirt.vmi && caches.pods.size === 0,
    isOff: async () => !kubevirt.vmi && caches.pods.size === 0,
  };
}

function nameOwnDisks(scene: Scene, instance: Instance): void {
  const { vm } = scene.kubevirt;
  if (vm) scene.put('vms', withOwnDisks(vm, instance));
}

/** Filled from the image. */
function makeRoot(scene: Scene, claimName: string, requestId: string): void {
  scene.put('dataVolumes', diskOf(scene, claimName, requestId));
  scene.kubevirt.contents.set(claimName, 'all');
  locate(scene, claimName, scene.claimed[0]);
}

const goes = (scene: Scene, there: DataVolume): void =>
  scene.put('dataVolumes', {
    ...there,
    metadata: { ...there.metadata, deletionTimestamp: scene.now.toISOString() },
  });

function diskOf({ kubevirt }: Scene, name: string, requestId: string): DataVolume {
  const disk = kubevirt.owned(name, { spec: {} }) as DataVolume;
  return { ...disk, metadata: { ...disk.metadata, annotations: { [REQUEST_ID_ANNOTATION]: requestId } } };
}

const templateOf = (
  { vcpus, memoryMiB }: GuestSize,
  { disks, volumes }: Plugged,
  { interfaces, networks }: Interfaces,
  rootClaim: string,
) => ({
  spec: {
    domain: {
      cpu: { sockets: vcpus },
      memory: { guest: `${memoryMiB}Mi` },
      devices: { disks, interfaces },
    },
    volumes: [{ name: 'root', dataVolume: { name: rootClaim } }, ...volumes],
    networks,
  },
});

/** All but volumes beside the root disk, which outlive their Instance unless they are named. */
const isGoing = ({ metadata: { labels } }: KubeObject, blank: readonly string[]): boolean =>
  labels?.[VOLUME_LABEL] === undefined || blank.includes(labels[VOLUME_LABEL]);
