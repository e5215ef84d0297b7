import type { Instance } from '#api/instance.ts';
import { groupKeyOf } from '#core/groups/group-key.ts';
import { type BuiltImage, isUsable, whyUnusable } from '#core/images/built-image.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';
import { isBuilt, type Missing } from '#core/lifecycle/situation.ts';
import type { ProfileChoice } from '#ports/profiles.ts';
import type { Caches } from '../caches.ts';
import { referredImage } from '../images.ts';

export type MissingForPlacement = Missing & { kind: 'ServerGroup' | 'Instance' | 'SchedulerProfile' };

/**
 * The first reference that leads nowhere yet. What only a placement asks for is not looked at once there is one: a group
 * that is deleted leaves its members running.
 */
export function missingReference(
  instance: Instance,
  caches: Caches,
  flavor: BuiltFlavor | undefined,
  {
    claimNode,
    choice,
    image,
    hasDisk,
  }: {
    claimNode: string | undefined;
    choice: ProfileChoice;
    image: BuiltImage | undefined;
    /** Is the root disk made, or being made? */
    hasDisk: boolean;
  },
): Missing | undefined {
  const { spec, metadata } = instance;
  if (!flavor) return { kind: 'Flavor', name: spec.flavorRef.name, field: 'spec.flavorRef' };
  const missingImage = hasDisk ? undefined : unusableImage(instance, caches, image);
  if (missingImage) return missingImage;
  const keyPair = spec.keyPairRef?.name;
  if (keyPair !== undefined && !caches.keyPairs.get(`${metadata.namespace}/${keyPair}`))
    return { kind: 'KeyPair', name: keyPair, field: 'spec.keyPairRef' };
  return claimNode === undefined ? missingForPlacement(instance, caches, choice) : undefined;
}

/** A root disk that is not made yet needs the Image itself. */
export function unusableImage(
  instance: Instance,
  caches: Pick<Caches, 'images'>,
  image: BuiltImage | undefined,
): (Missing & { kind: 'Image' }) | undefined {
  const { imageRef } = instance.spec;
  if (!imageRef || (isBuilt(instance) && image)) return undefined;
  const there = referredImage(caches, instance);
  const missing = { kind: 'Image', name: imageRef.name, field: 'spec.imageRef' } as const;
  if (!there) return missing;
  return isUsable(there) ? undefined : { ...missing, problem: whyUnusable(there) };
}

/** What only the choice of a node asks for. */
export function missingForPlacement(
  instance: Instance,
  caches: Caches,
  choice: ProfileChoice,
): MissingForPlacement | undefined {
  const { serverGroupRef, schedulerHints } = instance.spec;
  if (serverGroupRef && !caches.serverGroups.get(groupKeyOf(instance) ?? ''))
    return { kind: 'ServerGroup', name: serverGroupRef.name, field: 'spec.serverGroupRef' };
  const isMissing = (name: string) => !caches.instances.get(`${instance.metadata.namespace}/${name}`);
  for (const hint of ['sameHost', 'differentHost'] as const) {
    const name = schedulerHints?.[hint]?.find(isMissing);
    if (name !== undefined) return { kind: 'Instance', name, field: `spec.schedulerHints.${hint}` };
  }
  return choice.kind === 'missing' ? (choice.missing as MissingForPlacement) : undefined;
}
