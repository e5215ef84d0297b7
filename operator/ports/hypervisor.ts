import type { Instance } from '#api/instance.ts';
import type { GuestFeatures } from '#core/flavors/guest-features.ts';
import type { BuiltImage } from '#core/images/built-image.ts';
import type { DiskClaim } from '#core/lifecycle/disk-record.ts';
import type { RootVolume } from '#core/lifecycle/move-volume.ts';
import type { Size } from '#core/lifecycle/size-view.ts';
import type { VolumeToRelease } from '#core/lifecycle/volume-view.ts';

/** What a guest is built with. */
export interface GuestSize {
  vcpus: number;
  memoryMiB: number;
  rootDiskGiB: number;
  ephemeralDiskGiB: number;
  swapMiB: number;
  /** What its pod asks Kubernetes for: the claim at the loosest ratios of the fleet, a lower bound. */
  requestMilliCpu: number;
  requestMemoryMiB: number;
  features: GuestFeatures;
  /** Devices of the host, by resource name: as many names as devices. */
  hostDevices: readonly string[];
  gpus: readonly string[];
  /** What the root disk is made from. */
  image: BuiltImage;
}

/** What a guest begins with. */
export interface NewGuest {
  runs: boolean;
  /** Of spec.volumes, by name. */
  volumes: readonly string[];
  /** Of spec.networks, by name. */
  networks: readonly string[];
  requestId: string;
}

/** What asks for a move: an InstanceMigration, or the Instance that grows by it. */
export interface MoveRequest {
  kind: 'InstanceMigration' | 'Instance';
  name: string;
  uid: string;
  requestId: string;
}

/** What Berth asks of the virtualisation layer. Every call can be repeated without harm. */
export interface Hypervisor {
  /** Makes the root disk (unless ephemeral), reserves the volumes named, and makes the VM with them. */
  create(instance: Instance, size: GuestSize, made: NewGuest): Promise<void>;
  /**
   * Starts or stops the guest: stops gracefully, then by force. Without a request id nobody asked for it. One that starts asks
   * Kubernetes for what its size comes to by now, if it is given.
   */
  setRunning(
    instance: Instance,
    runs: boolean,
    requestId: string | undefined,
    size?: GuestSize,
  ): Promise<void>;
  pause(instance: Instance): Promise<void>;
  unpause(instance: Instance): Promise<void>;
  /** Asks the guest to reboot: by its agent, else by ACPI. Whether it does is for the caller to see. */
  softReboot(instance: Instance): Promise<void>;
  /** Power off and on in place. @throws where the launcher does not answer. */
  reset(instance: Instance): Promise<void>;
  /** Ends the guest's pod; another is made, on the node of the claim. */
  replacePod(instance: Instance): Promise<void>;
  /** The volume of the root disk, from the API server itself; undefined: the root disk is none, or not there. */
  rootVolume(instance: Instance): Promise<RootVolume | undefined>;
  /**
   * Makes a disk of this claim like the one of this name, where that node reaches it: empty, or with what is on it.
   * @throws where another is in the way.
   */
  makeDiskCopy(
    instance: Instance,
    place: DiskClaim & { nodeName: string; isFull?: true },
    requestId: string,
  ): Promise<void>;
  /** Names the claims of disks in the VM: those of a guest that runs are copied there by its next live migration. */
  nameDisks(instance: Instance, disks: readonly DiskClaim[]): Promise<void>;
  /** Deletes a claim that was made for this disk of the Instance. */
  dropDisk(instance: Instance, disk: DiskClaim): Promise<void>;
  /** Gives a VM that is off this size, and its root disk; that only grows. False: not grown yet, ask again. */
  reshape(instance: Instance, size: GuestSize, requestId: string): Promise<boolean>;
  /** Gives a VM these vCPUs and this memory, which KubeVirt asks of a guest that runs, and plugs by its next migration. */
  plugSize(instance: Instance, size: Size): Promise<void>;
  /**
   * Replaces the root disk of a VM that is off by one made from the image for this request, and gives the VM what it boots with.
   * False: the old disk is not gone yet, ask again.
   */
  remakeRoot(instance: Instance, size: GuestSize, requestId: string): Promise<boolean>;
  /** Makes the VM, which is off, boot from the rescue image of the spec, or from its root disk. */
  setBoot(instance: Instance, size: GuestSize, rescue: boolean): Promise<void>;
  /** Begins a live migration for a request; that of the same request if there is one. */
  liveMigrate(
    instance: Instance,
    request: MoveRequest,
  ): Promise<{ kind: 'begun' } | { kind: 'refused'; message: string }>;
  /**
   * Asks for one to be given up, and keeps why on it; where the guest ends is for the caller to see. `notYet`: once more
   * when the migration has changed.
   */
  abortMigration(
    instance: Instance,
    migration: { name: string; uid: string },
    refusal?: { message: string; nodeName?: string },
  ): Promise<'aborted' | 'notYet'>;
  /** Reserves the volumes of spec.volumes of these names, and puts them into the VM: a guest that runs is plugged. */
  plugVolumes(instance: Instance, names: readonly string[], requestId: string): Promise<void>;
  /** Takes volumes out of the VM: a guest that runs is unplugged. */
  unplugVolumes(instance: Instance, names: readonly string[]): Promise<void>;
  /** Puts networks of the list into the VM: a guest that runs is plugged into those that KubeVirt plugs. */
  plugNetworks(instance: Instance, names: readonly string[]): Promise<void>;
  /** Takes interfaces out of the VM; out of a guest that runs KubeVirt takes them, and then out of the VM. */
  unplugNetworks(instance: Instance, names: readonly string[], runs: boolean): Promise<void>;
  /** Drops the reservations of volumes, and deletes those that were made for the Instance to go with it. */
  releaseVolumes(instance: Instance, volumes: readonly VolumeToRelease[]): Promise<void>;
  /** Deletes VM, root disk, and the blank volumes of these names that were made for this very Instance. */
  delete(instance: Instance, blank: readonly string[]): Promise<void>;
  /** Asks the API server itself, not a cache: is nothing left of the guest? */
  isGone(instance: Instance): Promise<boolean>;
  /** The same of the guest alone; its VM may be there. */
  isOff(instance: Instance): Promise<boolean>;
}
