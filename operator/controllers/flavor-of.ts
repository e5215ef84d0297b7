import type { Instance } from '#api/instance.ts';
import { type BuiltFlavor, builtFlavor } from '#core/lifecycle/guest-size.ts';
import type { Caches } from './caches.ts';

/** An Instance's Flavor: as built with, else as it would be; undefined while the Flavor is missing. */
export function flavorOf(
  { spec, status }: Instance,
  { flavors }: Pick<Caches, 'flavors'>,
): BuiltFlavor | undefined {
  if (status?.flavor) return status.flavor;
  const flavor = flavors.get(spec.flavorRef.name);
  return flavor && builtFlavor(flavor.metadata.name, flavor.spec);
}
