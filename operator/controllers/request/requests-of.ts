import type { Instance } from '#api/instance.ts';
import type { InstanceAction } from '#api/instanceaction.ts';
import type { InstanceMigration } from '#api/instancemigration.ts';
import {
  endedAs,
  type OperationRequest,
  requestOfAction,
  requestOfMigration,
} from '#core/lifecycle/request.ts';
import { type Key, keyOf } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import { type RebuildSources, rebuildWish } from './rebuild-wish.ts';

export type AnyRequest = InstanceAction | InstanceMigration;

export const instanceKeyOf = ({ metadata, spec }: AnyRequest): Key =>
  `${metadata.namespace}/${spec.instanceRef.name}`;

/** What is asked of an Instance by objects and has not ended, oldest first. */
export function requestsOf(instance: Instance, caches: Caches, sources: RebuildSources): OperationRequest[] {
  const key = keyOf(instance);
  const actions = caches.instanceActions.byIndex('instance', key);
  const migrations = caches.instanceMigrations.byIndex('instance', key);
  if (actions.length + migrations.length === 0) return [];
  const open = [...actions, ...migrations].filter((it) => !isOver(it)).sort(byAge);
  const requests = open.map((it) => ({
    ...requestOf(it, instance),
    ...wishOf(it, instance, sources),
  }));
  return requests.filter(({ requestId }) => endedAs(instance, requestId) === undefined);
}

/** The object that asked for what is in flight, whatever it says of itself by now. */
export function requestInFlight(instance: Instance, caches: Caches): OperationRequest | undefined {
  const { requestId, source } = instance.status?.operation ?? {};
  if (!source || source.kind === 'VirtualMachineInstanceMigration') return undefined;
  const store = source.kind === 'InstanceAction' ? caches.instanceActions : caches.instanceMigrations;
  const object: AnyRequest | undefined = store.get(`${instance.metadata.namespace}/${source.name}`);
  const request = object && requestOf(object, instance);
  return request?.requestId === requestId ? request : undefined;
}

function wishOf(object: AnyRequest, instance: Instance, sources: RebuildSources) {
  return 'type' in object.spec ? {} : rebuildWish(sources, object.spec, instance);
}

function requestOf(object: AnyRequest, instance: Instance): OperationRequest {
  return 'type' in object.spec
    ? requestOfMigration(object as InstanceMigration, instance)
    : requestOfAction(object as InstanceAction, instance);
}

export const isOver = ({ status }: AnyRequest): boolean =>
  status?.phase !== undefined && status.phase !== 'Pending' && status.phase !== 'Running';

function byAge({ metadata: a }: AnyRequest, { metadata: b }: AnyRequest): number {
  return a.creationTimestamp.localeCompare(b.creationTimestamp) || a.name.localeCompare(b.name);
}
