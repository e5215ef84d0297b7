import type { Pod } from '#adapters/kubernetes/types.ts';
import { disksOf } from '#adapters/kubevirt/disk-view.ts';
import { sizeOf } from '#adapters/kubevirt/guest-size-view.ts';
import { nodesThatRefused, requestIdOfMove } from '#adapters/kubevirt/moves.ts';
import type { VirtualMachineInstanceMigration } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import { HALF_DONE } from '#core/lifecycle/copy-disks.ts';
import { type DiskCopy, diskRecordOf, isOn } from '#core/lifecycle/disk-record.ts';
import type { ResizeRecord } from '#core/lifecycle/resize-record.ts';
import { wouldGrow } from '#core/lifecycle/resize-way.ts';
import { isPending } from '#core/lifecycle/size-view.ts';
import { placementRecord } from '#core/placement/record.ts';
import { explain } from '#core/scheduling/explain.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import type { Logger } from '#runtime/logger.ts';
import { keyOf } from '#runtime/resource.ts';
import { claimForMove } from './move.ts';
import { cancelMigration, type PlacementDependencies } from './reconciler.ts';

/** The node for the target of a migration: the claim that it has, or one made now; undefined: it is cancelled. */
export async function placeMigration(
  deps: PlacementDependencies,
  instance: Instance,
  migration: VirtualMachineInstanceMigration,
  { pod, log }: { pod: Pod; log: Logger },
): Promise<string | undefined> {
  const { copy } = diskRecordOf(instance);
  const { claims = {}, copiedTo = {} } = disksOf(deps.caches.vmis.get(keyOf(instance))) ?? {};
  const isHalf = Object.entries(copiedTo).some(([disk, claimName]) => claims[disk] !== claimName);
  if (isHalf) return refuse(deps, instance, migration, HALF_DONE); // it would copy disks to themselves
  if (copy) return placeOfCopy(deps, instance, migration, copy);
  const { resize } = instance.status ?? {};
  if (resize?.live && !resize.failure) return placeOfGrowth(deps, instance, resize);
  const pending = sizeOf(deps.caches.vmis.get(keyOf(instance)));
  if (isPending(pending)) return refuse(deps, instance, migration, wouldGrow(pending));
  const { uid, name, namespace = '' } = migration.metadata;
  const requestId = requestIdOfMove(migration);
  const made = deps.ledgers
    .ofInstance(instance.metadata.uid)
    .find(({ claim }) => claim.ownerKind !== 'Instance' && claim.requestId === requestId);
  if (made) return made.nodeName;
  const decision = await claimForMove(deps, instance, {
    owner: { uid, ownerKind: 'VirtualMachineInstanceMigration', namespace, name },
    requestId,
    failedHosts: nodesThatRefused(deps.caches.migrations.byIndex('guest', keyOf(instance)), deps.now()),
    constraints: constraintsOf(pod),
  });
  if (!decision) return undefined;
  log.info({ requestId, migration: name }, explain(decision, 'operator'));
  if (decision.kind === 'placed') {
    deps.progress.moves(instance, placementRecord(decision, { requestId, time: deps.now() }));
    return decision.host;
  }
  return refuse(deps, instance, migration, explain(decision, 'owner'));
}

/** Whoever asked for the migration, it makes the guest larger: the place for that is claimed. */
function placeOfGrowth(
  { ledgers }: PlacementDependencies,
  { metadata: { uid } }: Instance,
  { targetNode }: ResizeRecord,
): string | undefined {
  const claims = ledgers.ofInstance(uid);
  return claims.find(({ claim, nodeName }) => claim.uid === uid && nodeName === targetNode)?.nodeName;
}

/** Whoever asked for the migration, it copies disks: only where those are made can the guest go. */
async function placeOfCopy(
  deps: PlacementDependencies,
  instance: Instance,
  migration: VirtualMachineInstanceMigration,
  { nodeName, requestId, disks }: DiskCopy,
): Promise<string | undefined> {
  const claims = deps.ledgers.ofInstance(instance.metadata.uid);
  const isMade = claims.some((it) => it.nodeName === nodeName && it.claim.requestId === requestId);
  if (!isMade) return refuse(deps, instance, migration, COPY_GIVEN_UP);
  const guest = disksOf(deps.caches.vmis.get(keyOf(instance)));
  // On another node the guest would have the very disks that it copies.
  const isNamed = disks.every((it) => isOn(it, guest?.claims));
  return isNamed ? nodeName : refuse(deps, instance, migration, COPY_NOT_NAMED);
}

const COPY_NOT_NAMED = 'its disks are to be copied, and the guest does not name yet where to';
const COPY_GIVEN_UP = 'its disks were being copied to another node, which was given up';

async function refuse(
  deps: PlacementDependencies,
  instance: Instance,
  migration: VirtualMachineInstanceMigration,
  why: string,
): Promise<undefined> {
  await cancelMigration(deps, instance, migration, why);
}

/** What kube-scheduler will ask of the target's pod: KubeVirt has it select on the guest's CPU model. */
function constraintsOf({
  spec: { tolerations, nodeSelector },
}: Pod): Pick<RequestSpec, 'tolerations' | 'nodeSelector'> {
  return { ...(tolerations && { tolerations }), ...(nodeSelector && { nodeSelector }) };
}
