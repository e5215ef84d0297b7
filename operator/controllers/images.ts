import type { Image } from '#api/image.ts';
import type { Instance } from '#api/instance.ts';
import { type BuiltImage, imageFrom, isUsable, ownImage } from '#core/images/built-image.ts';
import { isBuilt } from '#core/lifecycle/situation.ts';
import type { Caches } from './caches.ts';

/** The Image that an Instance's spec refers to; undefined: none, or there is none of that name. */
export function referredImage({ images }: Pick<Caches, 'images'>, instance: Instance): Image | undefined {
  const { imageRef } = instance.spec;
  return imageRef && images.get(`${instance.metadata.namespace}/${imageRef.name}`);
}

/**
 * What an Instance's root disk is made from: what was written down once it was made, till then the Image as it is. undefined
 * while that is not there, or cannot be used.
 */
export function builtImageOf(
  caches: Pick<Caches, 'images'>,
  instance: Instance,
  hasDisk = false,
): BuiltImage | undefined {
  if (hasDisk || isBuilt(instance) || instance.spec.image)
    return ownImage(instance) ?? asItIs(caches, instance);
  return asItIs(caches, instance) ?? ownImage(instance);
}

function asItIs(caches: Pick<Caches, 'images'>, instance: Instance): BuiltImage | undefined {
  const image = referredImage(caches, instance);
  return image && isUsable(image) ? imageFrom(image) : undefined;
}
