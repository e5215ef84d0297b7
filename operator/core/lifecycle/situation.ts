import type { Instance, InstanceStatus, OperationName, Placement, TaskState } from '#api/instance.ts';
import type { BuiltImage } from '../images/built-image.ts';
import type { Unproven } from '../placement/unproven.ts';
import type { ClaimResources } from '../scheduling/resources.ts';
import type { DiskChange, DiskClaim } from './disk-record.ts';
import type { BuiltFlavor } from './guest-size.ts';
import type { GuestView } from './guest-view.ts';
import type { NetworkView } from './network-view.ts';
import type { OperationRequest } from './request.ts';
import type { VolumeToAttach, VolumeToRelease, VolumeView } from './volume-view.ts';

/** A reference that leads nowhere. */
export interface Missing {
  kind: 'Flavor' | 'Image' | 'KeyPair' | 'ServerGroup' | 'Instance' | 'SchedulerProfile';
  name: string;
  /** Where it is named: spec.flavorRef. */
  field: string;
  /** Why what is there cannot be used; absent: there is none. */
  problem?: string;
}

/** Everything that a decision about an Instance looks at. */
export interface InstanceView {
  instance: Instance;
  guest: GuestView;
  /** What its root disk is made from, or will be; undefined: it refers to an Image that cannot be used yet. */
  image: BuiltImage | undefined;
  /** Why its rescue image may not be taken from where it is; undefined: it may, or there is none. */
  rescueRefused?: string | undefined;
  /** The newest decision on where it is to be, written already or not. */
  placement: Placement | undefined;
  /** Node on which the Instance holds its claim. */
  claimNode: string | undefined;
  /** Every claim of its own: two while it is resized or migrated to another node. */
  claims: readonly HeldPlace[];
  /** The Flavor that spec.flavorRef names now, as it would be built; undefined while there is none. */
  wanted: BuiltFlavor | undefined;
  /** First reference that leads nowhere yet. */
  missing: Missing | undefined;
  /** What is wrong with the combination of spec and Flavor, if anything. */
  invalid: string | undefined;
  /** A VirtualMachine of the Instance's name that is not its own. */
  foreignVm: boolean;
  /** Pods that may still run the guest, on nodes that say nothing of them. */
  unproven: readonly Unproven[];
  /** Nodes tried at most for one request (Nova's scheduler.max_attempts). */
  maxAttempts: number;
  /** How long a resize waits to be confirmed before it is by itself; 0: for ever (Nova's resize_confirm_window). */
  confirmWindowMs: number;
  /** Those of spec.volumes, then those that it has although the list does not name them. */
  volumes: readonly VolumeView[];
  /** Interfaces: those of spec.networks, then those that it has although the list does not name them. */
  networks: readonly NetworkView[];
  /** Does KubeVirt plug volumes into a guest that runs when its template has them. */
  hotplugsVolumes: boolean;
  /** Does KubeVirt carry changes of a VM's template over to a guest that runs (vmRolloutStrategy LiveUpdate)? */
  liveUpdates: boolean;
  /** Is the node of its claim Down, as its ComputeNode says? */
  homeDown: boolean;
  /** Why nothing is heard of that node any more, in words; undefined: something is. */
  homeLost?: string | undefined;
  now: Date;
  /** InstanceActions and InstanceMigrations that have not ended, oldest first. */
  requests: readonly OperationRequest[];
  /** The object that asked for what is in flight, in whatever phase; undefined: none did, or it is gone. */
  asking: OperationRequest | undefined;
  /** The Image that the request in flight began. */
  madeImage?: { name: string; requestId: string; ready: boolean; detail: string } | undefined;
  /** Node on which the move in flight holds a claim. */
  targetClaim: string | undefined;
  /** Of the nodes of the move in flight: the names of disks that were made for the Instance and cannot be reached from there. */
  outOfReach?: Readonly<Record<string, readonly string[]>>;
  /** Nodes of the move in flight that nothing can be copied from or to, and why: nothing is heard of them, or they are cordoned. */
  unfitNodes?: Readonly<Record<string, { code: string; message: string }>>;
  /** Is what disks are copied to reached from the node that they are copied for? By claim; absent: not known yet. */
  copyReach?: Readonly<Record<string, boolean>>;
  /** What disks are being copied to, by claim. */
  copyDisks?: Readonly<Record<string, GuestView['disk']>>;
  /** Disks that are copied whose first claim somebody deleted: names. */
  lostDisks?: readonly string[];
  /** Claims that are no disks any more, until they are gone. */
  leftDisks?: readonly (DiskClaim & { isDeleting: boolean })[];
  /** Volumes of the list that were kept under another claim than their first one when an Instance of this name went. */
  keptVolumes?: readonly DiskClaim[];
}

export interface HeldPlace extends ClaimResources {
  nodeName: string;
  /** Request that made it. */
  requestId?: string | undefined;
}

/** An operation by steps, as the status has it. */
export interface InFlight {
  taskState: TaskState | undefined;
  startTime: Date;
  requestId: string;
}

/** The one thing to do next. Each can be done twice without harm. */
export type Action =
  | { kind: 'none' }
  | { kind: 'claim' }
  | { kind: 'createVm'; runs: boolean }
  | { kind: 'startVm' }
  | { kind: 'haltVm' }
  | { kind: 'pause' }
  | { kind: 'unpause' }
  | { kind: 'softReboot' }
  /** Makes the VM, which is off, boot from the rescue image, or from its root disk again. */
  | { kind: 'setBoot'; rescue: boolean }
  | { kind: 'reset' }
  /** Ends the guest's pod by force; KubeVirt makes another. */
  | { kind: 'replacePod' }
  /** Replaces the root disk of a VM that is off, and what the VM boots with; not done until the new disk is there. */
  | { kind: 'remakeRoot' }
  /** Makes an Image whose source is the root disk's claim. */
  | { kind: 'makeImage'; name: string }
  /** Deletes the Image that the request in flight began. */
  | { kind: 'dropImage'; requestId: string }
  /** Drops the claims once nothing of the guest runs; the VM stays. */
  | { kind: 'freePlace' }
  /** Claims a second place, for a move. */
  | { kind: 'claimMove' }
  /** Goes on only once the API server says that nothing of the guest runs. */
  | { kind: 'proveOff' }
  /** The same, and gives the VM and its root disk this size. */
  | { kind: 'reshape'; flavor: BuiltFlavor }
  /** One claim, on this node and of this size; every other is dropped. */
  | { kind: 'keepPlace'; nodeName: string; flavor: BuiltFlavor }
  /** Claims a place for the request in flight, on another node. */
  | { kind: 'claimTarget' }
  /** Writes down that a node refused the request in flight: the next place is another. */
  | { kind: 'passOver'; nodeName: string; message: string }
  /** Gives up the place that was claimed for the request in flight. */
  | { kind: 'dropTarget' }
  | { kind: 'liveMigrate' }
  /** Makes a disk like the one of this name, on this node: an empty one, or of a guest that is off with what is on it. */
  | ({ kind: 'makeCopy'; nodeName: string; isFull?: true } & DiskClaim)
  /** Names these claims for the disks in the VM's template: of a guest that runs KubeVirt copies them there with the next migration. */
  | { kind: 'nameDisks'; disks: readonly DiskClaim[] }
  /** Nothing but time tells: looks once more in a moment. */
  | { kind: 'lookAgain' }
  /** Deletes a claim that is this disk no more, or never was. */
  | ({ kind: 'dropDisk' } & DiskClaim)
  /** Tells KubeVirt by the VM's template how many vCPUs and how much memory to have, whether the guest runs or not. */
  | { kind: 'plugSize'; flavor: BuiltFlavor }
  /** Begins the migration that makes real what was plugged. */
  | { kind: 'moveToGrow' }
  /** `refusal`: what kept it from that node, so that the next one goes elsewhere. */
  | { kind: 'abortMigration'; name: string; uid: string; refusal?: { message: string; nodeName: string } }
  /** Makes and reserves the volumes, and puts them into the VM's template. */
  | { kind: 'plugVolumes'; volumes: readonly VolumeToAttach[] }
  | { kind: 'unplugVolumes'; names: readonly string[] }
  | { kind: 'plugNetworks'; names: readonly string[] }
  /** `runs`: KubeVirt has to take it out of a guest first. */
  | { kind: 'unplugNetworks'; names: readonly string[]; runs: boolean }
  /** Drops the reservations; deletes what was made to go. */
  | { kind: 'releaseVolumes'; volumes: readonly VolumeToRelease[] }
  /** Root disk and VM; with `blank`, empty volumes too that were made for it a moment ago. */
  | { kind: 'deleteVm'; blank?: boolean }
  | { kind: 'release' }
  | { kind: 'finish' };

/** Where an Instance stands, and what follows from that. */
export interface Situation {
  operation: OperationName | undefined;
  taskState: TaskState | undefined;
  action: Action;
  /** The task state that follows once the action was carried out; absent: what is seen decides. */
  next?: TaskState;
  /** What becomes of status.resize once the action was carried out; null: it goes. */
  record?: Partial<NonNullable<InstanceStatus['resize']>> | null;
  /** What becomes of the record of the disks once the action was carried out. */
  disk?: DiskChange;
  /** What a rebuild is taken up with. */
  rebuild?: NonNullable<InstanceStatus['rebuild']>;
  /** What the root disk is made from, and the guest given, once the action was carried out. */
  made?: { image: BuiltImage; cloudInit?: InstanceStatus['cloudInit'] };
  /** What the guest is built with once the action was carried out. */
  flavor?: BuiltFlavor;
  /** A Flavor that is not tried again until spec.flavorRef names another. */
  heldFlavor?: NonNullable<InstanceStatus['heldFlavor']>;
  /** How the operation ended, once it has. */
  outcome?: Outcome;
  /** The nodes of a move. */
  move?: { sourceNode?: string | undefined; targetNode?: string | undefined };
  /** Why nothing can be done for now: a reason for the conditions and the same in words. */
  blocked?: { reason: string; message: string };
  /** The request that is taken up with this. */
  request?: OperationRequest;
  /** A node that refused the guest: another one is tried. */
  exclude?: { nodeName: string; message: string };
}

/** `error`: it leaves the Instance in Error, or does not, whatever the table of operations says. */
export type Outcome =
  | { result: 'Succeeded'; message?: string }
  | { result: 'Failed'; code: string; message: string; error?: boolean }
  | { result: 'Cancelled'; message: string };

export const NONE: Action = { kind: 'none' };

export const isBuilt = (instance: Instance): boolean => instance.status?.appliedPowerState !== undefined;
