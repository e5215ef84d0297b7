import type { Instance, InstanceStatus, OperationName, Placement } from '#api/instance.ts';
import type { OperationResult } from '#api/instance-status.ts';
import type { InstanceAction, InstanceActionSpec } from '#api/instanceaction.ts';
import type { InstanceMigration, InstanceMigrationSpec } from '#api/instancemigration.ts';
import type { BuiltImage } from '../images/built-image.ts';
import { derivedRequestId } from './request-id.ts';
import { requesterOf } from './requested-by.ts';

/** An InstanceAction or InstanceMigration, as the Instance sees it; or a migration that Berth was not asked for. */
export interface OperationRequest {
  kind: 'InstanceAction' | 'InstanceMigration' | 'VirtualMachineInstanceMigration';
  name: string;
  uid: string;
  /** Equal for what is the same request, also when its object was deleted and applied anew. */
  requestId: string;
  operation: OperationName;
  cancelled: boolean;
  requestedBy: string | undefined;
  /** The arguments, by kind. */
  action?: InstanceActionSpec;
  migration?: InstanceMigrationSpec;
  /** What a rebuild comes to, with its references looked up. */
  rebuild?: RebuildWish;
  /** Where a move was decided to go. */
  placement?: Placement | undefined;
}

/** `problem`: why it cannot be, by the field. */
export type RebuildWish =
  | { problem: string }
  | { image: BuiltImage; cloudInit?: NonNullable<InstanceStatus['cloudInit']>; problem?: undefined };

type Named = Pick<Instance, 'metadata'>;

export function requestOfAction(action: InstanceAction, instance: Named): OperationRequest {
  const { spec } = action;
  return { ...common('InstanceAction', action, instance), operation: operationOf(spec), action: spec };
}

const MIGRATIONS = { Live: 'LiveMigrate', Cold: 'ColdMigrate', Evacuate: 'Evacuate' } as const;

export function requestOfMigration(migration: InstanceMigration, instance: Named): OperationRequest {
  const { spec } = migration;
  return {
    ...common('InstanceMigration', migration, instance),
    operation: MIGRATIONS[spec.type],
    migration: spec,
    placement: migration.status?.placement,
  };
}

function operationOf(spec: InstanceActionSpec): OperationName {
  const { reboot, confirmResize, revertResize, rebuild, createImage } = spec;
  if (rebuild) return 'Rebuild';
  if (createImage) return 'CreateImage';
  if (confirmResize) return 'ConfirmResize';
  if (revertResize) return 'RevertResize';
  if (reboot) return reboot.type === 'Hard' ? 'HardReboot' : 'SoftReboot';
  return 'Start';
}

function common(
  kind: OperationRequest['kind'],
  { metadata, spec }: InstanceAction | InstanceMigration,
  instance: Named,
) {
  const { cancel, ttlSecondsAfterFinished, requestId, ...asked } = spec;
  const { name, namespace, uid } = metadata;
  const identity = `${kind} ${namespace}/${name} ${JSON.stringify(sorted(asked))}`;
  return {
    kind,
    name,
    uid,
    requestId: requestId ?? derivedRequestId(instance.metadata.uid, identity),
    cancelled: cancel,
    requestedBy: requesterOf({ metadata }),
  };
}

/** The same text for the same content, in whatever order its fields were written. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** How and when a request ended, as far as the Instance remembers. */
export function endedAs(
  { status }: Instance,
  requestId: string,
): { result: OperationResult; finishTime: string } | undefined {
  const ended = [...(status?.lastOperations ?? []), ...(status?.rememberedRequests ?? [])];
  return ended.find((it) => it.requestId === requestId);
}
