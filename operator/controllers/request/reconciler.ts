import { API_VERSION, FIELD_MANAGERS, REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { INSTANCE_ACTION, type InstanceAction } from '#api/instanceaction.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import { mergeConditions } from '#core/conditions.ts';
import { type OperationRequest, requestOfAction, requestOfMigration } from '#core/lifecycle/request.ts';
import {
  type RequestStanding,
  requestConditions,
  requestStanding,
  requestWithoutInstance,
} from '#core/lifecycle/request-status.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler, Requeue } from '#runtime/controller.ts';
import { unlessMissing } from '#runtime/errors.ts';
import type { EventRecorder } from '#runtime/recorder.ts';
import { type Key, keyOf, type Resource } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';
import type { Caches } from '../caches.ts';
import { migrationProgress } from './migration-progress.ts';
import { type RebuildSources, rebuildWish } from './rebuild-wish.ts';
import { type AnyRequest, instanceKeyOf, isOver } from './requests-of.ts';

export interface RequestDependencies {
  client: KubeClient;
  caches: Caches;
  recorder: EventRecorder;
  now(): Date;
}

/** The two kinds of request differ in what they ask for. */
export interface RequestKind<T extends AnyRequest> {
  name: string;
  resource: Resource;
  store: Store<T>;
  requestOf(object: T, instance: Instance): OperationRequest;
  /** How far it is, where more is known than the step. */
  progressOf?(standing: RequestStanding, instance: Instance, object: T): object | undefined;
}

export const actionRequests = (
  caches: Caches,
  sources: Omit<RebuildSources, 'caches'>,
): RequestKind<InstanceAction> => ({
  name: 'instanceaction',
  resource: INSTANCE_ACTION,
  store: caches.instanceActions,
  requestOf: (action, instance) => ({
    ...requestOfAction(action, instance),
    ...rebuildWish({ caches, ...sources }, action.spec, instance),
  }),
});

export const migrationRequests = (caches: Caches): RequestKind<InstanceMigration> => ({
  name: 'instancemigration',
  resource: INSTANCE_MIGRATION,
  store: caches.instanceMigrations,
  requestOf: requestOfMigration,
  progressOf: (standing, instance, { status }) =>
    migrationProgress(caches, standing, instance, status?.progress),
});

/**
 * Says in each request how far it is. What is carried out, and in which order, is the Instance's to decide: this one
 * reads its record, and refuses what the Instance does not take.
 */
export function requestReconciler<T extends AnyRequest>(
  deps: RequestDependencies,
  kind: RequestKind<T>,
): Reconciler {
  async function reconcile(key: Key, context: ReconcileContext): Promise<Requeue | undefined> {
    const object = kind.store.get(key);
    if (!object || object.metadata.deletionTimestamp) return undefined;
    const standing = await standingOf(deps, kind, object);
    const told = await tell(deps, kind, object, standing, context);
    return expire(deps, kind, told);
  }
  return { name: kind.name, reconcile };
}

async function standingOf<T extends AnyRequest>(
  { client, caches, now }: RequestDependencies,
  { requestOf, progressOf }: RequestKind<T>,
  object: T,
): Promise<RequestStanding> {
  const key = instanceKeyOf(object);
  const instance = caches.instances.get(key) ?? (await unlessMissing(client.get<Instance>(INSTANCE, key)));
  if (!instance) {
    if (isOver(object) && object.status?.phase) return { ...object.status, phase: object.status.phase };
    return requestWithoutInstance(object.spec.instanceRef.name, object.metadata.namespace, {
      before: object.status,
      now: now(),
    });
  }
  const standing = requestStanding(requestOf(object, instance), instance, {
    before: object.status,
    now: now(),
  });
  const progress = progressOf?.(standing, instance, object);
  return { ...standing, ...(progress && { progress }) };
}

async function tell<T extends AnyRequest>(
  { client, caches, recorder, now }: RequestDependencies,
  { resource, store }: RequestKind<T>,
  object: T,
  standing: RequestStanding,
  { log }: ReconcileContext,
): Promise<T> {
  const { name, namespace, uid, generation } = object.metadata;
  const conditions = mergeConditions(object.status?.conditions, requestConditions(standing), {
    now: now(),
    generation,
  });
  const { conditions: _, ...rest } = { conditions: undefined, ...standing };
  const wanted = {
    metadata: { name, namespace, uid },
    status: { ...rest, observedGeneration: generation, conditions },
  };
  const options = { fieldManager: FIELD_MANAGERS.request, force: true, subresource: 'status' };
  const wrote = await unlessMissing(applyIfChanged(client, resource, store, wanted, options));
  if (!wrote?.written || object.status?.phase === standing.phase) return wrote?.object ?? object;
  log.info({ requestId: standing.requestId, phase: standing.phase }, standing.message ?? standing.phase);
  if (standing.phase === 'Refused') {
    const instance = caches.instances.get(instanceKeyOf(object));
    const text = {
      type: 'Warning',
      reason: standing.reason ?? 'Refused',
      action: standing.operation ?? 'Refuse',
    } as const;
    const annotations =
      standing.requestId === undefined ? undefined : { [REQUEST_ID_ANNOTATION]: standing.requestId };
    recorder.event(object, { ...text, note: standing.message ?? '', annotations });
    if (instance)
      recorder.event(
        { ...instance, apiVersion: API_VERSION, kind: 'Instance' },
        {
          ...text,
          note: `${resource.kind} ${name} is refused: ${standing.message}`,
          annotations,
          related: object,
        },
      );
  }
  return wrote.object;
}

/** A request is kept until somebody deletes it, unless it says how long to keep it once it has ended. */
async function expire<T extends AnyRequest>(
  { client, now }: RequestDependencies,
  { resource }: RequestKind<T>,
  object: T,
): Promise<Requeue | undefined> {
  const { metadata, spec, status } = object;
  if (spec.ttlSecondsAfterFinished === undefined || !isOver(object)) return undefined;
  const since = new Date(status?.finishTime ?? metadata.creationTimestamp).getTime();
  const leftMs = since + spec.ttlSecondsAfterFinished * 1000 - now().getTime();
  if (leftMs > 0) return { requeueAfterMs: leftMs };
  await unlessMissing(client.delete(resource, keyOf({ metadata }), { preconditions: { uid: metadata.uid } }));
  return undefined;
}
