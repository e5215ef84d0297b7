import type { OperationName, TaskState, VmState } from '#api/instance.ts';

/** What is fixed about an operation. Controllers, messages and the reference read this table. */
export interface OperationDefinition {
  /** States in which it starts; Nova's, from the recorded server actions. */
  from: readonly (VmState | 'None')[];
  /** Task states on the way, in order. */
  taskStates: readonly TaskState[];
  /** State in which it has succeeded. */
  to: VmState | 'Gone';
}

export const OPERATION_TABLE: Readonly<Record<OperationName, OperationDefinition>> = {
  Create: {
    from: ['None', 'Error'],
    taskStates: ['Scheduling', 'BlockDeviceMapping', 'Spawning'],
    to: 'Active',
  },
  Start: { from: ['Stopped', 'Error'], taskStates: ['PoweringOn'], to: 'Active' },
  Stop: { from: ['Active', 'Paused', 'Error'], taskStates: ['PoweringOff'], to: 'Stopped' },
  Pause: { from: ['Active'], taskStates: ['Pausing'], to: 'Paused' },
  Unpause: { from: ['Paused'], taskStates: ['Unpausing'], to: 'Active' },
  Migrate: { from: ['Active', 'Paused'], taskStates: ['Migrating'], to: 'Active' },
  Delete: {
    from: ['None', 'Building', 'Active', 'Paused', 'Stopped', 'Error', 'Deleting'],
    taskStates: ['Deleting'],
    to: 'Gone',
  },
};

/** What each task state waits for, in words for `status.operation.waitingFor`. */
export const WAITING_FOR: Readonly<Record<TaskState, string>> = {
  Scheduling: 'a node that it fits on',
  BlockDeviceMapping: 'the root disk to be filled from the image',
  Spawning: 'KubeVirt to boot the guest',
  PoweringOn: 'KubeVirt to boot the guest',
  PoweringOff: 'the guest to shut down',
  Pausing: 'KubeVirt to pause the guest',
  Unpausing: 'KubeVirt to resume the guest',
  Migrating: 'KubeVirt to move the guest',
  Deleting: 'the guest, its pods and its disks to go away',
};

const MINUTE = 60_000;

/** Longest stay in a task state in milliseconds; absent: waits for as long as it takes. */
export type TaskDeadlines = Readonly<Partial<Record<TaskState, number>>>;

/** Scheduling has no deadline: an Instance waits until a node has room. */
export const DEFAULT_DEADLINES: TaskDeadlines = {
  BlockDeviceMapping: 30 * MINUTE,
  Spawning: 10 * MINUTE,
  PoweringOn: 10 * MINUTE,
  PoweringOff: 3 * MINUTE,
  Pausing: MINUTE,
  Unpausing: MINUTE,
  Deleting: 10 * MINUTE,
};
