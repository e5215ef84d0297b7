import { PERSISTENT_VOLUME_CLAIM, type PersistentVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { isPodOver, POD, type Pod } from '#adapters/kubernetes/types.ts';
import { ASKED_POWER_ANNOTATION, INSTANCE_UID_LABEL, REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { VolumeSpec } from '#api/instance-volumes.ts';
import { ROOT, rootClaimOf, rootClaimsOf, spareClaimsOf } from '#core/lifecycle/disk-record.ts';
import type { GuestSize, Hypervisor, NewGuest } from '#ports/hypervisor.ts';
import type { KubeClient } from '#runtime/client.ts';
import { ApiError, isAlreadyExists, isConflict, unlessMissing } from '#runtime/errors.ts';
import { type KubeObject, keyOf, type Manifest, type Resource } from '#runtime/resource.ts';
import { checkDataVolume, createDataVolume } from './data-volumes.ts';
import { copyOfDisk } from './disk-copy.ts';
import { endMigration } from './end-migration.ts';
import { withSize } from './guest-size-view.ts';
import { interfacesOf, withNetworks, withoutNetworks } from './interfaces.ts';
import {
  bootPatch,
  dataVolumeManifest,
  migrationManifest,
  requestsPatch,
  reshaped,
  vmManifest,
} from './manifests.ts';
import { NO_DISK_COPIED, pluggingVolumes, withDisks, withOwnDisks } from './named-disks.ts';
import { belongsTo } from './ownership.ts';
import { claimNameOf, pluggableAll, withoutVolumes, withVolumes } from './plugged-volumes.ts';
import { growRootVolume, rootVolume } from './root-volume.ts';
import {
  DATA_VOLUME,
  type DataVolume,
  type VirtualMachine,
  type VirtualMachineInstance,
  type VirtualMachineInstanceMigration,
  VM,
  VMI,
  VMIM,
} from './types.ts';
import { deleteBlank, releaseVolumes, reserveVolume } from './volumes.ts';

/** What an own write is shown to, so that the caches do not lag behind it; and who there is. */
export interface WriteObserver {
  claim(object: PersistentVolumeClaim): void;
  /** Is there an Instance of this uid? */
  lives(instanceUid: string): boolean;
  vm(object: VirtualMachine): void;
  vmi(object: VirtualMachineInstance): void;
  migration(object: VirtualMachineInstanceMigration): void;
}

/** KubeVirt and CDI as the hypervisor. */
export function kubevirtHypervisor(client: KubeClient, observer: WriteObserver): Hypervisor {
  const subresource = (instance: Instance, verb: string) => {
    const { namespace, name } = instance.metadata;
    const path = `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}/${verb}`;
    return unlessConflict(client.request<void>('PUT', path, {}));
  };

  const volumeDeps = { client, seen: observer.claim, lives: observer.lives };
  /** One that somebody deletes meanwhile is made anew as it should be. */
  const changeVm = async (instance: Instance, change: (vm: VirtualMachine) => VirtualMachine) => {
    const vm = await unlessMissing(client.get<VirtualMachine>(VM, keyOf(instance)));
    if (!vm || !belongsTo(vm, instance.metadata.uid) || vm.metadata.deletionTimestamp) return;
    observer.vm(await client.update<VirtualMachine>(VM, change(vm)));
  };
  /** Before KubeVirt starts a guest by what the VM says. */
  const nameOwnDisks = async (instance: Instance) => {
    if (spareClaimsOf(instance).length > 0) await changeVm(instance, (vm) => withOwnDisks(vm, instance));
  };
  const reshapeVm = (instance: Instance, size: GuestSize, requestId: string) =>
    changeVm(instance, (vm) => reshaped(vm, instance, size, requestId));

  return {
    async create(
      instance: Instance,
      size: GuestSize,
      { runs, volumes: names, networks, requestId }: NewGuest,
    ) {
      const volumes = entriesOf(instance, names);
      for (const entry of volumes) await reserveVolume(volumeDeps, instance, entry, requestId);
      if (!instance.spec.rootDisk.ephemeral) {
        const manifest = dataVolumeManifest(instance, size, requestId);
        await owned(client, DATA_VOLUME, manifest, instance, createDataVolume(client, manifest));
      }
      const manifest = vmManifest(instance, size, {
        runs,
        requestId,
        plugged: pluggableAll(instance, volumes),
        nics: interfacesOf(instance, networks),
      });
      observer.vm(await createOwned<VirtualMachine>(client, VM, manifest, instance));
    },
    async plugVolumes(instance, names, requestId) {
      const entries = entriesOf(instance, names);
      for (const entry of entries) await reserveVolume(volumeDeps, instance, entry, requestId);
      await changeVm(instance, (vm) => pluggingVolumes(withVolumes(vm, instance, entries)));
    },
    unplugVolumes: (instance, names) =>
      changeVm(instance, (vm) => pluggingVolumes(withoutVolumes(vm, names))),
    plugNetworks: (instance, names) => changeVm(instance, (vm) => withNetworks(vm, instance, names)),
    unplugNetworks: (instance, names, runs) => changeVm(instance, (vm) => withoutNetworks(vm, names, runs)),
    releaseVolumes: (instance, volumes) => releaseVolumes(volumeDeps, instance, volumes),
    plugSize: (instance, size) => changeVm(instance, (vm) => withSize(vm, size)),
    async setRunning(instance, runs, requestId, size) {
      const asked = {
        [REQUEST_ID_ANNOTATION]: requestId,
        [ASKED_POWER_ANNOTATION]: runs ? 'Running' : 'Stopped',
      };
      const annotations = requestId === undefined ? {} : asked;
      const patch = {
        metadata: { annotations },
        spec: {
          runStrategy: runs ? 'Once' : 'Halted',
          ...(size && requestsPatch(size)),
          ...(runs && NO_DISK_COPIED),
        },
      };
      if (runs) await nameOwnDisks(instance);
      observer.vm(await client.patch<VirtualMachine>(VM, keyOf(instance), patch, { type: 'merge' }));
    },
    pause: (instance) => subresource(instance, 'pause'),
    unpause: (instance) => subresource(instance, 'unpause'),
    softReboot: (instance) => subresource(instance, 'softreboot'),
    reset: (instance) => subresource(instance, 'reset'),
    async replacePod(instance) {
      await nameOwnDisks(instance);
      await deleteOwned(client, VMI, keyOf(instance), instance.metadata.uid);
      const left = await unlessMissing(client.get<VirtualMachineInstance>(VMI, keyOf(instance)));
      if (left) observer.vmi(left);
    },
    rootVolume: (instance) => rootVolume(client, instance),
    async makeDiskCopy(instance, place, requestId) {
      const manifest = await copyOfDisk(client, instance, place, requestId);
      const there = await createOwned<DataVolume>(client, DATA_VOLUME, manifest, instance);
      if (there.metadata.annotations?.[REQUEST_ID_ANNOTATION] === requestId) return;
      throw new Error(
        `a DataVolume ${keyOf(there)} that was not made for this move is in the way: remove it`,
      );
    },
    nameDisks: (instance, disks) => changeVm(instance, (vm) => withDisks(vm, disks)),
    async dropDisk(instance, { name, claimName }) {
      const { namespace, uid } = instance.metadata;
      const key = `${namespace}/${claimName}` as const;
      await dropEndedPods(client, instance, claimName);
      if (name === ROOT) await deleteOwned(client, DATA_VOLUME, key, uid);
      else await deleteBlank(client, instance, name, key);
    },
    async reshape(instance, size, requestId) {
      const grown = await growRootVolume(client, instance, size.rootDiskGiB);
      await reshapeVm(instance, size, requestId);
      return grown;
    },
    async remakeRoot(instance, size, requestId) {
      await reshapeVm(instance, size, requestId); // first: the new disk's request id says that all is done
      return instance.spec.rootDisk.ephemeral || replaceRootDisk(client, instance, size, requestId);
    },
    async setBoot(instance, size, rescue) {
      const vm = await client.get<VirtualMachine>(VM, keyOf(instance));
      const patch = bootPatch(instance, size, { isRescue: rescue, vm });
      observer.vm(await client.patch<VirtualMachine>(VM, keyOf(instance), patch, { type: 'merge' }));
    },
    async liveMigrate(instance, request) {
      const manifest = migrationManifest(instance, request);
      try {
        observer.migration(await client.create<VirtualMachineInstanceMigration>(VMIM, manifest));
      } catch (error) {
        if (isAlreadyExists(error)) return { kind: 'begun' };
        if (!isRefused(error)) throw error;
        return { kind: 'refused', message: error.status.message ?? error.message };
      }
      return { kind: 'begun' };
    },
    async abortMigration({ metadata: { namespace } }, { name, uid }, refusal) {
      const key = `${namespace}/${name}`;
      const migration = await unlessMissing(client.get<VirtualMachineInstanceMigration>(VMIM, key));
      if (migration?.metadata.uid !== uid) return 'aborted';
      return endMigration(client, migration, refusal);
    },
    async delete(instance, blank) {
      const { namespace, uid } = instance.metadata;
      for (const name of blank)
        await deleteOwned(client, DATA_VOLUME, `${namespace}/${claimNameOf(instance, { name })}`, uid);
      await deleteOwned(client, VM, keyOf(instance), uid);
      for (const claimName of rootClaimsOf(instance))
        await deleteOwned(client, DATA_VOLUME, `${namespace}/${claimName}`, uid);
    },
    async isGone(instance) {
      const vm = await unlessMissing(client.get(VM, keyOf(instance)));
      return !(vm && belongsTo(vm, instance.metadata.uid)) && (await isOff(client, instance));
    },
    isOff: (instance) => isOff(client, instance),
  };
}

/** The old claim has the new one's name: it has to be gone first. True once there is a disk of this request. */
async function replaceRootDisk(
  client: KubeClient,
  instance: Instance,
  size: GuestSize,
  requestId: string,
): Promise<boolean> {
  const { uid, namespace } = instance.metadata;
  const key = `${namespace}/${rootClaimOf(instance)}`;
  const there = await unlessMissing(client.get<DataVolume>(DATA_VOLUME, key));
  if (there?.metadata.annotations?.[REQUEST_ID_ANNOTATION] === requestId)
    return !there.metadata.deletionTimestamp;
  const manifest = dataVolumeManifest(instance, size, requestId);
  if (there) {
    await checkDataVolume(client, manifest); // before anything is lost
    await deleteOwned(client, DATA_VOLUME, key, uid);
  }
  if (there || (await unlessMissing(client.get(PERSISTENT_VOLUME_CLAIM, key)))) return false;
  await owned(client, DATA_VOLUME, manifest, instance, createDataVolume(client, manifest));
  return true;
}

/** Pods that ended keep a claim for as long as they are there, which of a guest that moved is until it is off. */
async function dropEndedPods(
  client: KubeClient,
  { metadata: { namespace, uid } }: Instance,
  claimName: string,
): Promise<void> {
  const labelSelector = `${INSTANCE_UID_LABEL}=${uid}`;
  const { items } = await client.list<PodWithVolumes>(POD, { namespace, labelSelector });
  const ended = items.filter((pod) => isPodOver(pod) && !pod.metadata.deletionTimestamp);
  for (const pod of ended.filter(({ spec }) => spec.volumes?.some((it) => claimIn(it) === claimName)))
    await unlessMissing(client.delete(POD, keyOf(pod), { preconditions: { uid: pod.metadata.uid } }));
}

interface PodVolume {
  persistentVolumeClaim?: { claimName: string };
}
type PodWithVolumes = Pod & { spec: { volumes?: PodVolume[] } };
const claimIn = ({ persistentVolumeClaim }: PodVolume) => persistentVolumeClaim?.claimName;

async function isOff(client: KubeClient, instance: Instance): Promise<boolean> {
  const { namespace, uid } = instance.metadata;
  const [vmi, { items }] = await Promise.all([
    unlessMissing(client.get(VMI, keyOf(instance))),
    client.list<Pod>(POD, { namespace, labelSelector: `${INSTANCE_UID_LABEL}=${uid}` }),
  ]);
  return !(vmi && belongsTo(vmi, uid)) && items.every(isPodOver);
}

const entriesOf = ({ spec }: Instance, names: readonly string[]): VolumeSpec[] =>
  (spec.volumes ?? []).filter(({ name }) => names.includes(name));

/** virt-api's webhook said no, which it does with 400 or 422: not to be tried again as it is. */
const isRefused = (error: unknown): error is ApiError =>
  error instanceof ApiError && (error.code === 400 || error.code === 422);

const createOwned = <T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  manifest: Manifest,
  instance: Instance,
): Promise<T> => owned(client, resource, manifest, instance, client.create<T>(resource, manifest));

/** What is there already is taken for ours only if it is: a name can be somebody else's. */
async function owned<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  manifest: Manifest,
  instance: Instance,
  creation: Promise<T>,
): Promise<T> {
  try {
    return await creation;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const there = await client.get<T>(resource, keyOf(manifest));
    if (belongsTo(there, instance.metadata.uid) && !there.metadata.deletionTimestamp) return there;
    throw new Error(
      `a ${resource.kind} ${keyOf(manifest)} that is not this Instance's is in the way: remove it`,
    );
  }
}

async function deleteOwned(
  client: KubeClient,
  resource: Resource,
  key: string,
  instanceUid: string,
): Promise<void> {
  const object = await unlessMissing(client.get(resource, key));
  if (!object || object.metadata.deletionTimestamp || !belongsTo(object, instanceUid)) return;
  await unlessMissing(client.delete(resource, key, { preconditions: { uid: object.metadata.uid } }));
}

/** virt-api answers 409 when the guest already is as asked. */
async function unlessConflict(promise: Promise<void>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}
