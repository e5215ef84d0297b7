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

export type AnyRequest = InstanceAction | InstanceMigration;

export const instanceKeyOf = ({ metadata, spec }: AnyRequest): Key =>
  `${metadata.namespace}/${spec.instanceRef.name}`;

/** What is asked of an Instance by objects and has not ended, oldest first. */
export function requestsOf(instance: Instance, caches: Caches): OperationRequest[] {
  const key = keyOf(instance);
  const actions = caches.instanceActions.byIndex('instance', key);
  const migrations = caches.instanceMigrations.byIndex('instance', key);
  if (actions.length + migrations.length === 0) return [];
  const open = [...actions, ...migrations].filter((it) => !isOver(it)).sort(byAge);
  const requests = open.map((it) =>
    'type' in it.spec
      ? requestOfMigration(it as InstanceMigration, instance)
      : requestOfAction(it as InstanceAction, instance),
  );
  return requests.filter(({ requestId }) => endedAs(instance, requestId) === undefined);
}

export const isOver = ({ status }: AnyRequest): boolean =>
  status?.phase !== undefined && status.phase !== 'Pending' && status.phase !== 'Running';

function byAge({ metadata: a }: AnyRequest, { metadata: b }: AnyRequest): number {
  return a.creationTimestamp.localeCompare(b.creationTimestamp) || a.name.localeCompare(b.name);
}
