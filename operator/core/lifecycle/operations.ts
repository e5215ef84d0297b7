import { type OperationName, type TaskState, VM_STATES, type VmState } from '#api/instance.ts';

/** What is fixed about an operation. Controllers, admission, the CLI and the reference read this table. */
export interface OperationDefinition {
  /** What asks for it. */
  askedBy: 'Creation' | 'Deletion' | 'Field' | 'InstanceAction' | 'InstanceMigration';
  /** Nova's name of the action; nova-differences.ts says where the rows are not its. */
  nova: string;
  /** States in which it is accepted. */
  from: readonly (VmState | 'None')[];
  /** Nothing else may be in flight, but these task states: the operation takes the place of theirs. */
  supersedes?: readonly TaskState[] | 'Any';
  /** Does `spec.locked` refuse it. */
  lockRefuses: boolean;
  /** Task states on the way, in order. */
  taskStates: readonly TaskState[];
  /** States in which it ends when it succeeds; `Unchanged`: the one that it began in. */
  to: readonly (VmState | 'Unchanged' | 'Gone')[];
  /** State in which it leaves the Instance when it fails. */
  onFailure: 'Error' | 'Unchanged';
  /** How it is undone when it fails half done. */
  undo: string;
}

const ANY = ['None', ...VM_STATES] as const;

const NOTHING_TO_UNDO = 'Nothing: the guest is as it was, or as it was asked to be.';

export const OPERATION_TABLE: Readonly<Record<OperationName, OperationDefinition>> = {
  Create: {
    askedBy: 'Creation',
    nova: 'create',
    from: ['None', 'Building', 'Error'],
    lockRefuses: false,
    taskStates: ['Scheduling', 'BlockDeviceMapping', 'Spawning'],
    to: ['Active', 'Stopped'],
    onFailure: 'Error',
    undo: 'VM and disk on a node that refused go before another node is claimed.',
  },
  Start: {
    askedBy: 'Field',
    nova: 'start',
    from: ['Stopped', 'Error'],
    lockRefuses: true,
    taskStates: ['PoweringOn'],
    to: ['Active'],
    onFailure: 'Error',
    undo: 'The VM is told to be off.',
  },
  Stop: {
    askedBy: 'Field',
    nova: 'stop',
    from: ['Active', 'Paused', 'Suspended', 'Error'],
    lockRefuses: true,
    taskStates: ['PoweringOff'],
    to: ['Stopped'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  SoftReboot: {
    askedBy: 'InstanceAction',
    nova: 'reboot-soft',
    from: ['Active'],
    lockRefuses: true,
    taskStates: ['Rebooting', 'RebootStarted', 'RebootingHard', 'RebootStartedHard'],
    to: ['Active'],
    onFailure: 'Unchanged',
    undo: NOTHING_TO_UNDO,
  },
  HardReboot: {
    askedBy: 'InstanceAction',
    nova: 'reboot-hard',
    from: ['Active', 'Error', 'Paused', 'Stopped', 'Suspended'],
    supersedes: [
      'Pausing',
      'Rebooting',
      'RebootStarted',
      'RebootingHard',
      'Resuming',
      'Suspending',
      'Unpausing',
    ],
    lockRefuses: true,
    taskStates: ['RebootingHard', 'RebootStartedHard'],
    to: ['Active'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  Pause: {
    askedBy: 'Field',
    nova: 'pause',
    from: ['Active'],
    lockRefuses: true,
    taskStates: ['Pausing'],
    to: ['Paused'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  Unpause: {
    askedBy: 'Field',
    nova: 'unpause',
    from: ['Paused'],
    lockRefuses: true,
    taskStates: ['Unpausing'],
    to: ['Active'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  Suspend: {
    askedBy: 'Field',
    nova: 'suspend',
    from: ['Active', 'Paused'],
    lockRefuses: true,
    taskStates: ['Suspending'],
    to: ['Suspended'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  Resume: {
    askedBy: 'Field',
    nova: 'resume',
    from: ['Suspended'],
    lockRefuses: true,
    taskStates: ['Resuming'],
    to: ['Active'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  Rescue: {
    askedBy: 'Field',
    nova: 'rescue',
    from: ['Active', 'Error', 'Stopped'],
    lockRefuses: true,
    taskStates: ['Rescuing'],
    to: ['Rescued'],
    onFailure: 'Error',
    undo: 'Removing spec.rescue boots from the root disk again.',
  },
  Unrescue: {
    askedBy: 'Field',
    nova: 'unrescue',
    from: ['Rescued'],
    lockRefuses: true,
    taskStates: ['Unrescuing'],
    to: ['Active', 'Stopped'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  Resize: {
    askedBy: 'Field',
    nova: 'resize',
    from: ['Active', 'Stopped'],
    lockRefuses: true,
    taskStates: ['ResizePrep', 'ResizeMigrating', 'ResizeMigrated', 'ResizeFinish', 'ResizeReverting'],
    to: ['Resized'],
    onFailure: 'Unchanged',
    undo: 'Size, node and claim are given back as by RevertResize.',
  },
  ColdMigrate: {
    askedBy: 'InstanceMigration',
    nova: 'migrate',
    from: ['Active', 'Stopped'],
    lockRefuses: true,
    taskStates: ['ResizePrep', 'ResizeMigrating', 'ResizeMigrated', 'ResizeFinish', 'ResizeReverting'],
    to: ['Resized'],
    onFailure: 'Unchanged',
    undo: 'Node and claim are given back as by RevertResize.',
  },
  ConfirmResize: {
    askedBy: 'InstanceAction',
    nova: 'confirmResize',
    from: ['Resized'],
    lockRefuses: true,
    taskStates: ['ResizeConfirming'],
    to: ['Active', 'Stopped'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  RevertResize: {
    askedBy: 'InstanceAction',
    nova: 'revertResize',
    from: ['Resized'],
    lockRefuses: true,
    taskStates: ['ResizeReverting'],
    to: ['Active', 'Stopped'],
    onFailure: 'Error',
    undo: NOTHING_TO_UNDO,
  },
  LiveMigrate: {
    askedBy: 'InstanceMigration',
    nova: 'live-migrate',
    from: ['Active', 'Paused'],
    lockRefuses: true,
    taskStates: ['Migrating', 'MigrationAborting'],
    to: ['Unchanged'],
    onFailure: 'Unchanged',
    undo: "The guest stays where it is; the target's pod and claim go.",
  },
  Evacuate: {
    askedBy: 'InstanceMigration',
    nova: 'evacuate',
    from: ['Active', 'Error', 'Stopped', 'Paused', 'Suspended'],
    supersedes: 'Any',
    lockRefuses: false,
    taskStates: ['ResizePrep', 'ResizeMigrating', 'ResizeMigrated', 'ResizeFinish', 'ResizeReverting'],
    to: ['Active', 'Stopped'],
    onFailure: 'Unchanged',
    undo: 'Before the guest is proven off, the new place is given back. After that there is no way back to a lost node.',
  },
  Rebuild: {
    askedBy: 'InstanceAction',
    nova: 'rebuild',
    from: ['Active', 'Error', 'Stopped'],
    lockRefuses: true,
    taskStates: ['Rebuilding', 'RebuildBlockDeviceMapping', 'RebuildSpawning'],
    to: ['Active', 'Stopped'],
    onFailure: 'Error',
    undo: 'The old root disk is gone: rebuild again, from an image that can be had.',
  },
  CreateImage: {
    askedBy: 'InstanceAction',
    nova: 'createImage',
    from: ['Stopped', 'ShelvedOffloaded'],
    lockRefuses: false,
    taskStates: ['ImageSnapshot', 'ImageUploading'],
    to: ['Unchanged'],
    onFailure: 'Unchanged',
    undo: 'The Image that was begun is deleted.',
  },
  Shelve: {
    askedBy: 'Field',
    nova: 'shelve',
    from: ['Active', 'Paused', 'Stopped', 'Suspended'],
    lockRefuses: true,
    taskStates: ['ShelvingOffloading'],
    to: ['ShelvedOffloaded'],
    onFailure: 'Unchanged',
    undo: 'Set back to false, it keeps its place.',
  },
  Unshelve: {
    askedBy: 'Field',
    nova: 'unshelve',
    from: ['ShelvedOffloaded'],
    lockRefuses: true,
    taskStates: ['Unshelving', 'Spawning'],
    to: ['Active', 'Stopped'],
    onFailure: 'Unchanged',
    undo: 'The place that was claimed is given back.',
  },
  AttachVolume: {
    askedBy: 'Field',
    nova: 'attachVolume',
    from: ['Active', 'Paused', 'ShelvedOffloaded', 'Stopped'],
    lockRefuses: true,
    taskStates: ['AttachingVolume'],
    to: ['Unchanged'],
    onFailure: 'Unchanged',
    undo: 'What is not plugged in is taken out of the VM again; the entry stays as it is.',
  },
  DetachVolume: {
    askedBy: 'Field',
    nova: 'detachVolume',
    from: ['Active', 'Paused', 'ShelvedOffloaded', 'Stopped'],
    lockRefuses: true,
    taskStates: ['DetachingVolume'],
    to: ['Unchanged'],
    onFailure: 'Unchanged',
    undo: NOTHING_TO_UNDO,
  },
  AttachInterface: {
    askedBy: 'Field',
    nova: 'attachInterface',
    from: ['Active', 'Paused', 'Stopped'],
    lockRefuses: true,
    taskStates: ['AttachingInterface'],
    to: ['Unchanged'],
    onFailure: 'Unchanged',
    undo: 'What is not plugged in is taken out of the VM again; the entry stays as it is.',
  },
  DetachInterface: {
    askedBy: 'Field',
    nova: 'detachInterface',
    from: ['Active', 'Paused', 'Stopped'],
    lockRefuses: true,
    taskStates: ['DetachingInterface'],
    to: ['Unchanged'],
    onFailure: 'Unchanged',
    undo: NOTHING_TO_UNDO,
  },
  Delete: {
    askedBy: 'Deletion',
    nova: 'delete',
    from: ANY,
    supersedes: 'Any',
    lockRefuses: true,
    taskStates: ['Deleting'],
    to: ['Gone'],
    onFailure: 'Error',
    undo: 'It goes on waiting: what is gone is gone.',
  },
};

/** Does an operation take the place of what is in flight in this task state. */
export function supersedes(operation: OperationName, taskState: TaskState): boolean {
  const { supersedes: those = [] } = OPERATION_TABLE[operation];
  return those === 'Any' || those.includes(taskState);
}

/** What each task state waits for, in words for `status.operation.waitingFor`. */
export const WAITING_FOR: Readonly<Record<TaskState, string>> = {
  Scheduling: 'a node that it fits on',
  BlockDeviceMapping: 'the root disk to be filled from the image',
  Spawning: 'KubeVirt to boot the guest',
  PoweringOn: 'KubeVirt to boot the guest',
  PoweringOff: 'the guest to shut down',
  Rebooting: 'KubeVirt to ask the guest to reboot',
  RebootStarted: 'the guest to come up again',
  RebootingHard: 'KubeVirt to reset the guest',
  RebootStartedHard: 'the guest to come up again',
  Pausing: 'KubeVirt to pause the guest',
  Unpausing: 'KubeVirt to resume the guest',
  Suspending: 'KubeVirt to pause the guest',
  Resuming: 'KubeVirt to resume the guest',
  Rescuing: 'the rescue image to boot',
  Unrescuing: 'the guest to boot from its root disk',
  ResizePrep: 'a node with room for the new size',
  ResizeMigrating: 'the guest to shut down',
  ResizeMigrated: 'the VM to take the new size',
  ResizeFinish: 'KubeVirt to boot the guest at the new size',
  ResizeConfirming: 'the old place to be freed',
  ResizeReverting: 'the guest to be back at its old size and place',
  Migrating: 'KubeVirt to move the guest',
  MigrationAborting: 'KubeVirt to give the move up',
  Rebuilding: 'the guest to shut down',
  RebuildBlockDeviceMapping: 'the root disk to be filled from the image',
  RebuildSpawning: 'KubeVirt to boot the guest',
  ImageSnapshot: 'the Image to be made',
  ImageUploading: 'the root disk to be copied into the Image',
  ShelvingOffloading: 'the guest to shut down and its place to be freed',
  Unshelving: 'a node that it fits on',
  AttachingVolume: 'KubeVirt to attach the volume',
  DetachingVolume: 'KubeVirt to detach the volume',
  AttachingInterface: 'KubeVirt to attach the interface',
  DetachingInterface: 'KubeVirt to detach the interface',
  Deleting: 'the guest, its pods and its disks to go away',
};

const MINUTE = 60_000;

/** Longest stay in a task state in milliseconds; absent: waits for as long as it takes. */
export type TaskDeadlines = Readonly<Partial<Record<TaskState, number>>>;

/** Scheduling has no deadline, nor has Unshelving: an Instance waits until a node has room. */
export const DEFAULT_DEADLINES: TaskDeadlines = {
  BlockDeviceMapping: 30 * MINUTE,
  Spawning: 10 * MINUTE,
  PoweringOn: 10 * MINUTE,
  PoweringOff: 3 * MINUTE,
  Rebooting: MINUTE,
  RebootStarted: 2 * MINUTE, // Nova's libvirt.wait_soft_reboot_seconds; a hard reboot follows
  RebootingHard: MINUTE,
  RebootStartedHard: 10 * MINUTE,
  Pausing: MINUTE,
  Unpausing: MINUTE,
  Suspending: MINUTE,
  Resuming: MINUTE,
  Rescuing: 15 * MINUTE,
  Unrescuing: 15 * MINUTE,
  ResizePrep: 5 * MINUTE,
  ResizeMigrating: 5 * MINUTE,
  ResizeMigrated: 30 * MINUTE,
  ResizeFinish: 10 * MINUTE,
  ResizeConfirming: 5 * MINUTE,
  ResizeReverting: 15 * MINUTE,
  Migrating: 60 * MINUTE, // it is aborted then
  MigrationAborting: 5 * MINUTE,
  Rebuilding: 5 * MINUTE,
  RebuildBlockDeviceMapping: 30 * MINUTE,
  RebuildSpawning: 10 * MINUTE,
  ImageSnapshot: 5 * MINUTE,
  ImageUploading: 30 * MINUTE,
  ShelvingOffloading: 5 * MINUTE,
  AttachingVolume: 5 * MINUTE,
  DetachingVolume: 5 * MINUTE,
  AttachingInterface: 5 * MINUTE,
  DetachingInterface: 5 * MINUTE,
  Deleting: 10 * MINUTE,
};
