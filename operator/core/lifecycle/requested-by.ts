import { MOST_OF_A_USER_NAME } from '#api/common.ts';
import { CHANGED_BY_ANNOTATION, REQUESTED_BY_ANNOTATION } from '#api/constants.ts';
import type { Instance, OperationName } from '#api/instance.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { OPERATION_TABLE } from './operations.ts';

/** The user that made an InstanceAction or InstanceMigration, as admission saw it. */
export const requesterOf = ({ metadata }: Pick<KubeObject, 'metadata'>): string | undefined =>
  named(metadata.annotations?.[REQUESTED_BY_ANNOTATION]);

/**
 * The user that made the spec what it is; undefined where admission did not see that. A word about another generation is
 * of a change before one that was not seen.
 */
function changerOf({ metadata }: Pick<Instance, 'metadata'>): string | undefined {
  const said = metadata.annotations?.[CHANGED_BY_ANNOTATION];
  const mark = `${metadata.generation}:`;
  return said?.startsWith(mark) ? named(said.slice(mark.length)) : undefined;
}

/** Who asked for an operation that no object asks for: whoever changed the spec last, where the spec asks for it. */
export function askerOf(instance: Instance, operation: OperationName): string | undefined {
  const { askedBy } = OPERATION_TABLE[operation];
  const { spec, status } = instance;
  if (askedBy !== 'Field' && askedBy !== 'Creation') return undefined;
  const isByItself = operation === 'Start' && spec.powerState === status?.appliedPowerState; // KubeVirt starts it again
  return isByItself ? undefined : changerOf(instance);
}

const named = (user: string | undefined): string | undefined =>
  user ? user.slice(0, MOST_OF_A_USER_NAME) : undefined;
