import type { Instance, TaskState } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';

/** Task states that Nova counts (nova.compute.stats), and those in which a disk or the memory is copied here. */
const HEAVY: ReadonlySet<TaskState> = new Set([
  'ResizePrep',
  'ResizeMigrating',
  'Migrating',
  'Rebuilding',
  'RebuildBlockDeviceMapping',
  'ImageSnapshot',
  'ImageUploading',
  'Rescuing',
  'ShelvingOffloading',
  'Unshelving',
]);

/** Nova's I/O operations: being built, or in a task state that copies. One that waits, failed or goes away does none. */
export function doesHeavyIo({ metadata, status = {} }: Instance): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  if (status.taskState !== undefined && HEAVY.has(status.taskState)) return true;
  return status.appliedPowerState === undefined && status.vmState !== 'Error';
}

/** Nova's num_io_ops of a node, by the claims on it. The claim of a move stands for what arrives. */
export function ioOpsOf(claims: readonly Claim[], instanceOf: (uid: string) => Instance | undefined): number {
  const isHeavy = ({ ownerKind, instanceUid }: Claim) => {
    if (ownerKind !== 'Instance') return true;
    const instance = instanceOf(instanceUid);
    return instance !== undefined && doesHeavyIo(instance);
  };
  return claims.filter(isHeavy).length;
}
