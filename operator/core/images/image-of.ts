import type { Instance } from '#api/instance.ts';
import type { ImageSpec } from '../scheduling/request-spec.ts';
import { readImageProperties } from './properties.ts';
import { canonicalReference } from './reference.ts';

/** What the scheduler is told of an Instance's image. */
export function imageOf({ metadata: { namespace }, spec: { image, rootDisk } }: Instance): ImageSpec {
  return {
    id: idOf(image, namespace),
    properties: readImageProperties(image.properties ?? {}),
    ...(rootDisk.ephemeral && { pulled: true }),
  };
}

function idOf(
  { containerDisk, http, pvc }: Instance['spec']['image'],
  namespace: string | undefined,
): string {
  if (containerDisk !== undefined) return canonicalReference(containerDisk);
  return http?.url ?? `pvc:${namespace}/${pvc?.name}`;
}
