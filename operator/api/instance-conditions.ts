import type { ConditionDefinition } from './kind.ts';
import type { TaskState } from './operations.ts';

/** What an Instance waits for from outside, or what ended its operation. */
const HELD_UP = {
  FlavorNotFound: 'spec.flavorRef names no Flavor. Create it, and the Instance goes on.',
  KeyPairNotFound: 'spec.keyPairRef names no KeyPair of the namespace. Create it, and the Instance goes on.',
  ImageNotFound: 'spec.imageRef names no Image of the namespace. Create it, and the Instance goes on.',
  ImageNotUsable:
    'The Image is not ready: the message says how far it is, or why not. The Instance goes on when it is.',
  ServerGroupNotFound:
    'spec.serverGroupRef names no ServerGroup of the namespace. Create it, and the Instance goes on.',
  InstanceNotFound:
    'spec.schedulerHints names an Instance that the namespace does not have. Create it, and this one goes on.',
  SchedulerProfileNotFound:
    'The SchedulerProfile that it chooses does not exist. Create it, and the Instance goes on.',
  SchedulerProfileNotUsable:
    'The SchedulerProfile that it chooses is in mode Shadow, or was never valid: the message says which. Mend it, and the Instance goes on.',
  VolumeNotFound:
    'spec.volumes names a PersistentVolumeClaim that the namespace does not have. Create it, and the Instance goes on.',
  VolumeInUse:
    'A volume is attached to another Instance, or is the root disk of one: it has one writer. It is attached when that lets go of it; or make it shareable in both. Of a move: a claim that an earlier one left has not gone, or a guest was begun with a copy of its disk, and is made anew.',
  VolumeNotShared: 'A volume is marked shareable, and its claim is not ReadWriteMany.',
  NetworkNotFound:
    'spec.networks names a NetworkAttachmentDefinition that the namespace does not have. Create it, and the Instance goes on.',
  InvalidSpec: 'The spec, its Flavor and its image do not go together: the message says why.',
  NameConflict: "A VirtualMachine of the Instance's name that is not its own is in the way.",
  NoValidHost:
    'Every node was turned away: the message counts them by filter and names the nearest miss. Tried again when room may have come free; or as many nodes as are tried for one request refused it.',
  ActionFailed: 'The API server refused what Berth tried: the message says what, and it is tried again.',
};

const FAULTS = {
  DeadlineExceeded: 'A step took longer than it may: the message says what was waited for.',
  RebuildFailed: 'The rebuild lost what it was asked for with: ask again.',
  StartFailed: 'The guest failed while it was started on the node that keeps its place.',
  NoValidHost: 'As many nodes as are tried for one request refused the guest: the message names each.',
};

const CHANGE_FAILED =
  'A change of the spec could not be carried out and left the guest as it was: the message says which and why. Change it again, set it back, or set a new request id to try again.';
/** Why a change of the spec is not carried out. */
const HELD_BACK = {
  OperationInProgress: 'Another operation is under way: it waits for its end.',
  AwaitsConfirm: 'A resize or migration is to be confirmed or reverted first.',
  WrongState:
    'The Instance is in a state that the change does not start from: the message says what to do first.',
  NextStart: 'KubeVirt does not change this of a guest that runs: it waits until the guest is off.',
  VolumeNotFound:
    'spec.volumes names a PersistentVolumeClaim that the namespace does not have. Create it, and it is attached.',
  VolumeInUse:
    'The volume is attached to another Instance, or is the root disk of one. It is attached when that lets go of it. Or a claim of its name that an earlier move left has not gone.',
  VolumeNotShared: 'The volume is marked shareable, and its claim is not ReadWriteMany.',
  NetworkNotFound:
    'spec.networks names a NetworkAttachmentDefinition that the namespace does not have. Create it, and it is attached.',
  VolumeElsewhere: 'The volume cannot be reached from the node of the Instance: the message says from where.',
  VolumeNotReady: 'The guest runs, and KubeVirt has not plugged a volume yet: the message has its words.',
  Locked: 'spec.locked is true.',
  FlavorNotFound: 'spec.flavorRef names no Flavor. Create it, and the Instance goes on.',
  NotLive: 'spec.resizePolicy is Live, and KubeVirt cannot plug this: the message says why not.',
  EphemeralRoot: 'The root disk is ephemeral: what is on it would be lost.',
  DiskCannotShrink: 'The Flavor has a smaller root disk: a disk only grows.',
  SourceNotAllowed: "The rescue image is from a place that is not on the operator's list (--image-source).",
  FlavorTooSmall: 'The image needs a larger root disk or more memory than the Flavor has.',
  ResizeReverted:
    'The resize to this Flavor was reverted: it is not tried again until the field names another.',
  ResizeFailed:
    'The resize to this Flavor failed: the message says why. Tried again when the field changes or a new request id is set.',
};

/** KubeVirt's reasons, and three of ours, of its condition of the same name (kubevirt.io/api/core/v1/types.go). */
const LIVE_MIGRATABLE = {
  LiveMigration: 'Its disks are shared: memory is what moves.',
  BlockMigration: 'Disks that are on the node are copied along.',
  RootDiskCopied: 'The root disk is not shared: it is copied to another volume along.',
  DisksCopied:
    'Blank volumes, and maybe the root disk, are not shared: they are copied to other volumes along.',
  DisksNotLiveMigratable: 'A volume is not shared: live migration needs ReadWriteMany.',
  InterfaceNotLiveMigratable: 'An interface ties it to its node.',
  HotplugNotLiveMigratable: 'A hotplugged volume ties it to its node.',
  CPUModeLiveMigratable: 'Its CPU model ties it to its node.',
  VirtIOFSNotLiveMigratable: 'A shared file system ties it to its node.',
  HostDeviceNotLiveMigratable: 'A device of the node is passed through.',
  SEVNotLiveMigratable: 'Its memory is encrypted by the CPU.',
  SecureExecutionNotLiveMigratable: 'Its memory is encrypted by the CPU.',
  TDXNotLiveMigratable: 'Its memory is encrypted by the CPU.',
  NoTSCFrequencyNotLiveMigratable: 'Its clock ties it to its node.',
  HypervPassthroughNotLiveMigratable: 'It has the features of its CPU passed through.',
  PersistentReservationNotLiveMigratable: 'A disk has persistent reservations.',
  NotMigratable: 'KubeVirt gives no reason.',
  ResizePending:
    'A live resize was given up after KubeVirt had taken it up: any move would make the guest larger. Stop and start it, or name that Flavor again.',
};

const TASKS: Record<TaskState, string> = {
  Scheduling: 'A node that it fits on is looked for.',
  BlockDeviceMapping: 'The root disk is filled from the image.',
  Spawning: 'KubeVirt boots the guest.',
  PoweringOn: 'KubeVirt boots the guest.',
  PoweringOff: 'The guest shuts down.',
  Rebooting: 'The guest is asked to reboot.',
  RebootStarted: 'The guest was asked to reboot, and is to come up again.',
  RebootingHard: 'The guest is reset.',
  RebootStartedHard: 'The guest was reset, and is to come up again.',
  Pausing: 'KubeVirt pauses the guest.',
  Unpausing: 'KubeVirt resumes the guest.',
  Suspending: 'KubeVirt pauses the guest.',
  Resuming: 'KubeVirt resumes the guest.',
  Rescuing: 'The rescue image boots.',
  Unrescuing: 'The guest boots from its root disk again.',
  ResizePrep: 'A place is looked for.',
  ResizePlugging: 'KubeVirt takes the new size up.',
  ResizeMigrating: 'The guest shuts down, and disks of its node are copied.',
  ResizeMigrated: 'The VM takes the new size.',
  ResizeFinish: 'The guest boots at its new size and place.',
  ResizeConfirming: 'The old place is freed.',
  ResizeReverting: 'The guest goes back to its old size and place.',
  Migrating: 'KubeVirt moves the guest.',
  MigrationAborting: 'KubeVirt gives up the move; the guest stays where it is, or has moved already.',
  Rebuilding: 'The guest shuts down.',
  RebuildBlockDeviceMapping: 'The root disk is filled from the image.',
  RebuildSpawning: 'KubeVirt boots the guest.',
  ImageSnapshot: 'The Image is made.',
  ImageUploading: 'The root disk is copied into the Image.',
  ShelvingOffloading: 'The guest shuts down, and its place is freed.',
  Unshelving: 'A node that it fits on is looked for.',
  AttachingVolume: 'KubeVirt attaches a volume.',
  DetachingVolume: 'KubeVirt detaches a volume.',
  AttachingInterface: 'KubeVirt attaches an interface.',
  DetachingInterface: 'KubeVirt detaches an interface.',
  Deleting: 'The guest, its pods and disks go away.',
};

export const INSTANCE_CONDITIONS: ConditionDefinition[] = [
  {
    type: 'Ready',
    description: 'The guest is as spec.powerState asks, and nothing is in flight.',
    reasons: {
      Active: 'The guest runs.',
      Paused: 'The guest is paused, as asked.',
      Stopped: 'The guest is off; its place is kept.',
      Suspended: 'The guest is held, as asked.',
      ShelvedOffloaded: 'It is off and holds no place, as asked.',
      Rescued: 'The guest runs from the rescue image.',
      Resized: 'The guest runs at its new size or place, until that is confirmed or reverted.',
      ...TASKS,
      ...FAULTS,
      ...HELD_UP,
      DisksUnknown:
        'The guest was taken away while its disks were copied, and nobody saw whether that was done: both claims of each are kept, and nothing starts. The message names them: delete the DataVolumes of those that have not what was written last.',
      GuestNotProvenOff:
        'The guest may still run on a node that is Down: nothing starts it elsewhere until that is disproved. The message says what an operator can do.',
      ChangeFailed: CHANGE_FAILED,
      NodeNotReporting: 'The node does not report on the guest: see its ComputeNode.',
    },
  },
  {
    type: 'Scheduled',
    description: 'A node was chosen and a place on it is claimed.',
    reasons: {
      Placed: 'A place is claimed on status.nodeName.',
      Scheduling: 'No place has been claimed yet.',
      ...FAULTS,
      ...HELD_UP,
    },
  },
  {
    type: 'LiveMigratable',
    description:
      "KubeVirt's word on whether the guest can move while it runs, with its reason; absent while it does not run.",
    reasons: LIVE_MIGRATABLE,
  },
  { type: 'Reconciling', description: 'Berth is at work on it; absent otherwise.', reasons: TASKS },
  {
    type: 'SpecHeld',
    description: 'A change of the spec that is not carried out now; absent otherwise.',
    reasons: HELD_BACK,
  },
  {
    type: 'Rebuilt',
    description:
      'The root disk was made from another image than the spec names, by a rebuild; absent otherwise.',
    reasons: {
      OtherImage:
        'spec.image or spec.imageRef says what it was created from, and would be made from if it were deleted and applied anew. status.image says what is on it.',
    },
  },
  {
    type: 'Stalled',
    description: 'It does not get on by itself; absent otherwise. Mend the cause, then set a new request id.',
    reasons: { ...FAULTS, ChangeFailed: CHANGE_FAILED },
  },
];
