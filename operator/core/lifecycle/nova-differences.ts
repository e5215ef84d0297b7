import type { OperationName } from '#api/instance.ts';

/** A column of OPERATION_TABLE in which a row is not Nova's, and why. */
export interface NovaDifference {
  operation: OperationName;
  column: 'from' | 'supersedes' | 'taskStates' | 'to' | 'lockRefuses';
  why: string;
}

const CONVERGES = 'A field says what shall be, and converges from any state that the guest can be in.';
const FIELD_SAYS = 'It ends as spec.powerState says; in Nova whatever was before is forgotten.';
const SHOWN = 'Nova shows no task state; here every operation shows what it waits for, with a deadline.';
const GIVES_BACK =
  'What fails half done is given back, node, size and claim, and shows as ResizeReverting. In Nova it is left in error.';
const NO_SHELVED =
  'Nova keeps a shelved server on its host for a while. Root disks are volumes here, so it goes at once.';
const UNTIL_CONFIRMED =
  'While it is Resized it waits to be confirmed: a volume could be out of reach of the place that a revert leads to.';
const PLUGS =
  'Nova has no resize of a guest that runs: KubeVirt plugs vCPUs and memory by a live migration, with nothing to confirm.';
const NO_SOFT_DELETE = 'There is no soft deletion.';

/** Every difference from Nova 34.0.0 (test/vectors/nova/server-actions.json); the test beside finds no other. */
export const NOVA_DIFFERENCES: readonly NovaDifference[] = [
  {
    operation: 'Create',
    column: 'from',
    why: 'A create goes on from Building, and from Error under another request id; Nova makes another server.',
  },
  {
    operation: 'Create',
    column: 'taskStates',
    why: "Networking is the pod's, and no step of ours.",
  },
  { operation: 'Create', column: 'to', why: 'With spec.powerState Stopped it is built and not started.' },
  { operation: 'Start', column: 'from', why: CONVERGES },
  { operation: 'Stop', column: 'from', why: CONVERGES },
  {
    operation: 'SoftReboot',
    column: 'taskStates',
    why: 'Reboot pending is no step here; the fall-back to a hard one shows the task states of that.',
  },
  {
    operation: 'HardReboot',
    column: 'supersedes',
    why: 'Reboot pending is no step here.',
  },
  { operation: 'HardReboot', column: 'taskStates', why: 'Reboot pending is no step here.' },
  { operation: 'Suspend', column: 'from', why: 'To KubeVirt a suspended guest is a paused one (ADR 0050).' },
  { operation: 'Unrescue', column: 'to', why: FIELD_SAYS },
  {
    operation: 'Resize',
    column: 'taskStates',
    why: GIVES_BACK,
  },
  { operation: 'LiveResize', column: 'from', why: PLUGS },
  { operation: 'LiveResize', column: 'taskStates', why: PLUGS },
  { operation: 'LiveResize', column: 'to', why: PLUGS },
  { operation: 'ColdMigrate', column: 'taskStates', why: GIVES_BACK },
  { operation: 'ConfirmResize', column: 'taskStates', why: SHOWN },
  {
    operation: 'LiveMigrate',
    column: 'taskStates',
    why: 'Giving a move up is a step with a deadline of its own; Nova shows migrating to the end.',
  },
  {
    operation: 'Evacuate',
    column: 'from',
    why: 'A guest that was paused or suspended on a lost node is lost all the same: it boots elsewhere.',
  },
  {
    operation: 'Evacuate',
    column: 'taskStates',
    why: 'The root disk is a volume, and is not built anew: it is a cold migration from a node that is proven off.',
  },
  {
    operation: 'CreateImage',
    column: 'from',
    why: 'CDI copies a volume only while nothing writes to it, so the guest has to be off (ADR 0064); that of a shelved Instance is.',
  },
  { operation: 'CreateImage', column: 'taskStates', why: 'A copy by CDI has one step before it is ready.' },
  { operation: 'Shelve', column: 'taskStates', why: 'The root disk is a volume: no image is uploaded.' },
  { operation: 'Shelve', column: 'to', why: NO_SHELVED },
  { operation: 'Unshelve', column: 'from', why: NO_SHELVED },
  { operation: 'Unshelve', column: 'to', why: FIELD_SAYS },
  { operation: 'AttachVolume', column: 'from', why: `${NO_SHELVED} ${NO_SOFT_DELETE} ${UNTIL_CONFIRMED}` },
  { operation: 'AttachVolume', column: 'taskStates', why: SHOWN },
  { operation: 'DetachVolume', column: 'from', why: `${NO_SHELVED} ${NO_SOFT_DELETE} ${UNTIL_CONFIRMED}` },
  { operation: 'DetachVolume', column: 'taskStates', why: SHOWN },
  { operation: 'AttachInterface', column: 'taskStates', why: SHOWN },
  { operation: 'DetachInterface', column: 'taskStates', why: SHOWN },
];

/** Nova's actions that are no operation here, and what there is instead. */
export const NOT_OPERATIONS: Readonly<Record<string, string>> = {
  softDelete: `${NO_SOFT_DELETE} spec.deletionProtection keeps an Instance from being deleted by mistake.`,
  restore: NO_SOFT_DELETE,
  forceDelete: 'Deletion is one operation; it waits for the guest to be gone.',
  shelveOffload: NO_SHELVED,
  lock: 'spec.locked: a lasting state, and true at once.',
  unlock: 'spec.locked: false, which needs a verb of its own.',
  'live-migration-force-complete': 'KubeVirt decides how a migration converges, by its MigrationPolicy.',
  'live-migration-abort': 'spec.cancel of the InstanceMigration.',
  createBackup: 'Backups by a schedule are for a tool above; CreateImage makes one.',
  changePassword:
    'KubeVirt sets passwords by access credentials from a Secret, which Berth passes on at creation only.',
  resetState: 'The state follows what is seen: there is no state to set by hand.',
  triggerCrashDump: 'KubeVirt has a memory dump of its own: virtctl memory-dump.',
};
