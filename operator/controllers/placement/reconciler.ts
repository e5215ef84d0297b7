import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { claimsIn } from '#adapters/kubevirt/disk-view.ts';
import {
  CREATED_BY_LABEL,
  MIGRATION_JOB_LABEL,
  TEMPORARY_POD_ANNOTATION,
  type VirtualMachineInstanceMigration,
} from '#adapters/kubevirt/types.ts';
import { API_VERSION } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { isCopiedWhileOff } from '#core/lifecycle/cold-copy.ts';
import { strayClaim } from '#core/lifecycle/stray-guest.ts';
import { otherGuests } from '#core/placement/fence.ts';
import { isGated, pinPatch } from '#core/placement/pin.ts';
import type { Requests } from '#core/placement/request.ts';
import type { Hypervisor } from '#ports/hypervisor.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Profiles } from '#ports/profiles.ts';
import type { Scheduler } from '#ports/scheduler.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler } from '#runtime/controller.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import type { EventRecorder } from '#runtime/recorder.ts';
import { type Key, keyOf } from '#runtime/resource.ts';
import { type Caches, instanceByUid, instanceUidOf } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import type { Progress } from '../instance/progress.ts';
import { claimNodeOf } from './claim-node.ts';
import { placeMigration } from './migration.ts';

export interface PlacementDependencies {
  client: KubeClient;
  caches: Caches;
  hypervisor: Pick<Hypervisor, 'abortMigration'>;
  ledgers: Ledgers;
  scheduler: Scheduler;
  requests: Requests;
  flavors: Flavors;
  recorder: EventRecorder;
  profiles: Profiles;
  progress: Progress;
  now(): Date;
}

/**
 * The door: every pod that carries a guest waits behind the gate until it has a claim, and leaves it pinned to the
 * claim's node. First boots, restarts and the targets of migrations, whoever started them, all come through here.
 */
export function placementReconciler(deps: PlacementDependencies): Reconciler {
  async function reconcile(key: Key, { log }: ReconcileContext): Promise<void> {
    const pod = deps.caches.pods.get(key);
    if (!pod || !isGated(pod) || pod.metadata.deletionTimestamp) return;
    const instance = instanceByUid(deps.caches, instanceUidOf(pod) ?? '');
    if (!instance) return log.warn('a gated pod has no Instance: it stays gated');
    const nodeName = await nodeFor(deps, instance, pod, log);
    if (nodeName !== undefined) await pin(deps, pod, nodeName, log);
  }
  return { name: 'placement', reconcile };
}

async function nodeFor(deps: PlacementDependencies, instance: Instance, pod: Pod, log: Logger) {
  const migration = migrationOf(deps.caches, pod, instance);
  if (migration) return placeMigration(deps, instance, migration, { pod, log });
  if (pod.metadata.labels?.[MIGRATION_JOB_LABEL]) return undefined;
  if (!hasItsDisks(deps.caches, instance, pod, log)) return undefined;
  const others = otherGuests(pod, deps.caches.pods.byIndex('instance', instance.metadata.uid));
  if (others.length === 0) return claimedNode(deps, instance, pod, log);
  const pods = others.map(({ metadata }) => metadata.name);
  log.info({ pods }, `waits behind the gate: the guest may still run in ${pods.join(', ')}`);
  return undefined;
}

/** What the guest would begin with is known by the VMI that the pod was made for. */
function hasItsDisks({ vmis }: Caches, instance: Instance, pod: Pod, log: Logger): boolean {
  const vmi = vmis.get(keyOf(instance));
  if (vmi?.metadata.uid !== pod.metadata.labels?.[CREATED_BY_LABEL]) {
    log.info({ pod: keyOf(pod) }, 'the VirtualMachineInstance of a gated pod is not seen yet');
    return false;
  }
  if (isCopiedWhileOff(instance)) {
    log.warn({ pod: keyOf(pod) }, 'its disks are being copied while it is off: it stays gated');
    return false;
  }
  const stray = strayClaim(instance, claimsIn(vmi?.spec));
  if (stray)
    log.warn({ pod: keyOf(pod), ...stray }, 'a gated pod has a claim that is not its disk: it stays gated');
  return stray === undefined;
}

/** The claim that was made for the Instance before its VM was. */
function claimedNode({ caches }: PlacementDependencies, instance: Instance, pod: Pod, log: Logger) {
  const nodeName = claimNodeOf(caches, instance.metadata.uid);
  if (!nodeName) log.warn({ pod: keyOf(pod) }, 'a gated pod has no claim: it stays gated');
  return nodeName;
}

/** The migration that the pod is the target of, if it is one of this Instance's. */
function migrationOf(
  caches: Caches,
  pod: Pod,
  instance: Instance,
): VirtualMachineInstanceMigration | undefined {
  const uid = pod.metadata.labels?.[MIGRATION_JOB_LABEL];
  const migration = uid === undefined ? undefined : caches.migrations.byIndex('uid', uid)[0];
  if (!migration) return undefined;
  return `${migration.metadata.namespace}/${migration.spec.vmiName}` === keyOf(instance)
    ? migration
    : undefined;
}

async function pin(
  { client, caches }: PlacementDependencies,
  pod: Pod,
  nodeName: string,
  log: Logger,
): Promise<void> {
  const temporary = pod.metadata.annotations?.[TEMPORARY_POD_ANNOTATION] !== undefined;
  try {
    caches.pods.put(await client.patch<Pod>(POD, keyOf(pod), pinPatch(pod, nodeName), { type: 'merge' }));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return;
  }
  log.info({ nodeName, temporary }, `pinned to ${nodeName}`);
}

/** Ends a migration soon: a target that stays gated would hold one of KubeVirt's few migration slots. */
export async function cancelMigration(
  { hypervisor, recorder }: PlacementDependencies,
  instance: Instance,
  migration: VirtualMachineInstanceMigration,
  message: string,
): Promise<void> {
  if ((await hypervisor.abortMigration(instance, migration.metadata, { message })) === 'notYet') return;
  const note = `migration ${migration.metadata.name} is cancelled: ${message}`;
  const text = { type: 'Warning', reason: 'NoValidHost', action: 'Migrate', note } as const;
  recorder.event({ ...instance, apiVersion: API_VERSION, kind: 'Instance' }, { ...text, related: migration });
  recorder.event(migration, text);
}
