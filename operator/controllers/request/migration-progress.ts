import { requestIdOfMove } from '#adapters/kubevirt/moves.ts';
import type { VirtualMachineInstanceMigration } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import type { InstanceMigration } from '#api/instancemigration.ts';
import type { RequestStanding } from '#core/lifecycle/request-status.ts';
import { keyOf } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';

type Progress = NonNullable<InstanceMigration['status']>['progress'];

/** How far KubeVirt is with a live migration; once it has forgotten that, as was told of before. */
export function migrationProgress(
  caches: Caches,
  { requestId }: RequestStanding,
  instance: Instance,
  before: Progress,
): Progress {
  const migration = caches.migrations
    .byIndex('guest', keyOf(instance))
    .find((it) => requestIdOfMove(it) === requestId);
  return migration ? progressOf(caches, migration, instance) : before;
}

function progressOf(
  caches: Caches,
  { metadata, status }: VirtualMachineInstanceMigration,
  instance: Instance,
): Progress {
  const vmi = caches.vmis.get(keyOf(instance));
  const current = vmi?.status?.migrationState;
  const said = current?.migrationUid === metadata.uid ? current : status?.migrationState;
  const method = vmi?.status?.migrationMethod;
  return {
    phase: status?.phase ?? 'Pending',
    ...((method === 'LiveMigration' || method === 'BlockMigration') && { method }),
    ...(said?.mode && { mode: said.mode }),
    ...(said?.startTimestamp && { startTime: said.startTimestamp }),
    ...(said?.endTimestamp && { endTime: said.endTimestamp }),
  };
}
