import type { Flavor } from '#api/flavor.ts';
import type { Instance } from '#api/instance.ts';
import type { DeviceAliases } from '#core/flavors/guest-features.ts';
import { type BuiltFlavor, builtFlavor } from '#core/lifecycle/guest-size.ts';
import type { Caches } from './caches.ts';

/** Flavors in the units that guests are built in, with the operator's names for devices looked up. */
export interface Flavors {
  /** As the Instance was built with, else as it would be; undefined while the Flavor is missing. */
  of(instance: Instance): BuiltFlavor | undefined;
  build(flavor: Flavor): BuiltFlavor;
}

export function flavorsFrom({ flavors }: Pick<Caches, 'flavors'>, aliases: DeviceAliases): Flavors {
  const build = ({ metadata, spec }: Flavor) => builtFlavor(metadata.name, spec, aliases);
  return {
    build,
    of({ spec, status }) {
      if (status?.flavor) return status.flavor;
      const flavor = flavors.get(spec.flavorRef.name);
      return flavor && build(flavor);
    },
  };
}
