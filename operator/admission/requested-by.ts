import { CHANGED_BY_ANNOTATION, REQUESTED_BY_ANNOTATION } from '#api/constants.ts';
import { type AdmissionHandler, type AdmissionRequest, allow } from '#runtime/admission.ts';
import { type JsonPatchOperation, pointer } from '#runtime/json-patch.ts';
import type { KubeObject } from '#runtime/resource.ts';

/** Writes down who made an InstanceAction or InstanceMigration; nobody changes that afterwards. */
export const stampRequests: AdmissionHandler = async ({ operation, object, oldObject, userInfo }) => {
  const made = operation === 'CREATE' ? userInfo.username : annotationOf(oldObject, REQUESTED_BY_ANNOTATION);
  return allow(annotated(object as KubeObject, REQUESTED_BY_ANNOTATION, made));
};

/**
 * The patch by which an Instance says who made its spec what it is. The generation goes up with each change of the spec. The
 * API server writes both versions with their fields in one order.
 */
export function changedByPatch({
  operation,
  object,
  oldObject,
  userInfo,
}: AdmissionRequest): JsonPatchOperation[] {
  const [after, before] = [object, oldObject] as [WithSpec, WithSpec | null];
  const isOther = operation === 'CREATE' || JSON.stringify(after.spec) !== JSON.stringify(before?.spec);
  const generation = operation === 'CREATE' ? 1 : (before?.metadata.generation ?? 0) + 1;
  const said = isOther
    ? `${generation}:${userInfo.username ?? ''}`
    : annotationOf(before, CHANGED_BY_ANNOTATION);
  return annotated(after, CHANGED_BY_ANNOTATION, said);
}

type WithSpec = KubeObject & { spec?: unknown };

const annotationOf = (object: unknown, key: string): string | undefined =>
  (object as KubeObject | null)?.metadata.annotations?.[key];

function annotated(
  { metadata: { annotations } }: KubeObject,
  key: string,
  value: string | undefined,
): JsonPatchOperation[] {
  if (annotations?.[key] === value) return [];
  const path = pointer('metadata', 'annotations', key);
  if (value === undefined) return [{ op: 'remove', path }];
  if (!annotations) return [{ op: 'add', path: pointer('metadata', 'annotations'), value: { [key]: value } }];
  return [{ op: 'add', path, value }];
}
