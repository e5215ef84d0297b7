import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { API_VERSION, MAINTENANCE_LABEL } from '#api/constants.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler, Requeue } from '#runtime/controller.ts';
import { isNotFound } from '#runtime/errors.ts';
import { type Key, keyOf } from '#runtime/resource.ts';
import { type PlanDependencies, planOf } from './observe.ts';

export interface MaintenanceDependencies extends PlanDependencies {
  client: KubeClient;
  now(): Date;
}

/** Kept so long, to tell what became of a move; the next try counts those that failed. */
const KEPT_SECONDS = 3600;

/** Asks for the moves that empty a node, by InstanceMigrations as anybody would. How far it is, the ComputeNode says. */
export function maintenanceReconciler(deps: MaintenanceDependencies): Reconciler {
  async function reconcile(name: Key, { log }: ReconcileContext): Promise<Requeue | undefined> {
    const node = deps.caches.computeNodes.get(name);
    if (!node?.spec.maintenance?.enabled) {
      await takeBack(deps, name);
      return undefined;
    }
    const now = deps.now();
    const { start, lookAt } = planOf(deps, node, now);
    for (const { key, type } of start) {
      const made = await ask(deps, node, key, type);
      log.info({ instance: key, migration: made.metadata.name }, `asks for a move: ${type}`);
    }
    return lookAt && { requeueAfterMs: Math.max(0, lookAt.getTime() - now.getTime()) };
  }
  return { name: 'maintenance', reconcile };
}

/** In the store at once, so that the next look sees it. */
async function ask(
  { client, caches }: MaintenanceDependencies,
  { metadata: { name: nodeName, uid } }: ComputeNode,
  key: Key,
  type: 'Live' | 'Cold',
): Promise<InstanceMigration> {
  const [namespace = '', name = ''] = key.split('/');
  const { kind } = COMPUTE_NODE;
  const made = await client.create<InstanceMigration>(INSTANCE_MIGRATION, {
    metadata: {
      generateName: `${name}-leaves-`,
      namespace,
      labels: { [MAINTENANCE_LABEL]: nodeName },
      ownerReferences: [{ apiVersion: API_VERSION, kind, name: nodeName, uid }],
    },
    spec: { instanceRef: { name }, type, ttlSecondsAfterFinished: KEPT_SECONDS },
  });
  caches.instanceMigrations.put(made);
  return made;
}

/** What has begun goes on: it harms nobody. What has not, never does. */
async function takeBack({ client, caches }: MaintenanceDependencies, nodeName: string): Promise<void> {
  const open = caches.instanceMigrations
    .byIndex('maintenance', nodeName)
    .filter((migration) => !migration.spec.cancel && !hasBegun(caches, migration));
  for (const { metadata } of open) {
    try {
      await client.patch(
        INSTANCE_MIGRATION,
        keyOf({ metadata }),
        { spec: { cancel: true } },
        { type: 'merge' },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Its Instance says so before its own status does. */
function hasBegun({ instances }: PlanDependencies['caches'], { metadata, spec, status }: InstanceMigration) {
  if ((status?.phase ?? 'Pending') !== 'Pending') return true;
  const instance = instances.get(`${metadata.namespace}/${spec.instanceRef.name}`);
  const source = instance?.status?.operation?.source;
  return source?.kind === INSTANCE_MIGRATION.kind && source.name === metadata.name;
}
