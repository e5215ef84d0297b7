import type { Instance } from '#api/instance.ts';
import type { ImageSpec } from '../scheduling/request-spec.ts';
import { type BuiltImage, ownImage } from './built-image.ts';
import { readImageProperties } from './properties.ts';
import { canonicalReference } from './reference.ts';

/** What the scheduler is told of an Instance's image; undefined where nobody knows it. */
export function imageOf(
  instance: Instance,
  image: BuiltImage | undefined = ownImage(instance),
): ImageSpec | undefined {
  const { metadata, spec } = instance;
  return (
    image && {
      id: idOf(image, metadata.namespace),
      properties: readImageProperties(image.properties ?? {}),
      ...(spec.rootDisk.ephemeral && { pulled: true }),
    }
  );
}

function idOf({ containerDisk, http, pvc }: BuiltImage, namespace: string | undefined): string {
  if (containerDisk !== undefined) return canonicalReference(containerDisk);
  return http?.url ?? `pvc:${namespace}/${pvc?.name}`;
}
