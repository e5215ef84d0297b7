import { isPodOver } from '#adapters/kubernetes/types.ts';
import type { ComputeNode } from '#api/computenode.ts';
import { MAINTENANCE_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { InstanceMigration } from '#api/instancemigration.ts';
import type { Occupant } from '#core/maintenance/occupant.ts';
import { type MaintenancePlan, maintenancePlan } from '#core/maintenance/plan.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import { keyOf } from '#runtime/resource.ts';
import { type Caches, instanceByUid, instanceUidOf } from '../caches.ts';
import { isOver } from '../request/requests-of.ts';

export interface PlanDependencies {
  caches: Caches;
  ledgers: Ledgers;
  /** Where a maintenance names none. */
  maintenanceMoves: number;
}

/** What is left on a node that is in maintenance, and what is to be done about it. */
export function planOf(
  { caches, ledgers, maintenanceMoves }: PlanDependencies,
  { metadata: { name }, spec: { maintenance } }: ComputeNode,
  now: Date,
): MaintenancePlan {
  const claims = ledgers.claimsOn(name) ?? [];
  const pods = caches.pods.byIndex('node', name).filter((pod) => !isPodOver(pod));
  const own = claims
    .filter(({ ownerKind }) => ownerKind === 'Instance')
    .map(({ instanceUid }) => instanceUid);
  const guests = pods.map((pod) => instanceUidOf(pod)).filter((uid) => uid !== undefined);
  const incoming = claims.map(({ instanceUid }) => instanceUid);
  const homes = new Set([...own, ...guests]);
  const occupants = [...new Set([...homes, ...incoming])].flatMap((uid) => {
    const instance = instanceByUid(caches, uid);
    return instance ? [occupantOf(caches, name, instance, !homes.has(uid))] : [];
  });
  return maintenancePlan(occupants, {
    nodeName: name,
    allowCold: maintenance?.allowColdMigration ?? false,
    maxConcurrent: maintenance?.maxConcurrent ?? maintenanceMoves,
    now,
  });
}

function occupantOf(caches: Caches, nodeName: string, instance: Instance, isIncoming: boolean): Occupant {
  const moves = caches.instanceMigrations
    .byIndex('instance', keyOf(instance))
    .filter(({ metadata }) => metadata.labels?.[MAINTENANCE_LABEL] === nodeName);
  const failed = moves.filter((it) => isOver(it) && it.status?.phase !== 'Succeeded').map(failureOf);
  return {
    key: keyOf(instance),
    instance,
    isIncoming,
    isAsked: moves.some((it) => !isOver(it)),
    failures: failed.length,
    lastFailure: failed.sort((a, b) => b.time.getTime() - a.time.getTime())[0],
  };
}

function failureOf({ metadata, status }: InstanceMigration): { time: Date; message: string } {
  const time = new Date(status?.finishTime ?? metadata.creationTimestamp);
  return { time, message: status?.message ?? status?.phase ?? 'Failed' };
}
