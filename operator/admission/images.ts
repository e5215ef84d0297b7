import type { Flavor } from '#api/flavor.ts';
import type { Image } from '#api/image.ts';
import type { Instance } from '#api/instance.ts';
import { type ImageSources, whyNotAllowed } from '#core/images/allow-list.ts';
import { imageFrom, inlineImage } from '#core/images/built-image.ts';
import { imageMismatch } from '#core/images/fit.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';
import { type AdmissionHandler, allow, deny } from '#runtime/admission.ts';

/** What an Instance or Image that is about to be made is held against. What is not there yet is waited for. */
export interface ImageFacts {
  image(key: string): Image | undefined;
  flavor(name: string): Flavor | undefined;
  build(flavor: Flavor): BuiltFlavor;
  allowed: ImageSources;
}

/** Why an Instance cannot be made of its image, by the field; undefined: it can, as far as is known. */
export function whyNotOf(
  { metadata, spec }: Instance,
  { image, flavor, build, allowed }: ImageFacts,
): string | undefined {
  const refused =
    (spec.image && at('spec.image', whyNotAllowed(spec.image, allowed))) ??
    (spec.rescue?.image && at('spec.rescue.image', whyNotAllowed(spec.rescue.image, allowed)));
  if (refused !== undefined) return refused;
  const referred = spec.imageRef && image(`${metadata.namespace}/${spec.imageRef.name}`);
  const built = referred ? imageFrom(referred) : spec.image && inlineImage(spec.image);
  const size = flavor(spec.flavorRef.name);
  const mismatch = built && size && imageMismatch(built, build(size), spec);
  return mismatch && at(mismatch.field, mismatch.message);
}

/** Refuses an Image that would be taken from a place that is not allowed. */
export const checkImages =
  ({ allowed }: Pick<ImageFacts, 'allowed'>): AdmissionHandler =>
  async ({ object }) => {
    const source = (object as { spec?: Partial<Image['spec']> }).spec?.source;
    const refused = source && at('spec.source', whyNotAllowed(source, allowed));
    return refused === undefined ? allow() : deny(refused);
  };

const at = (field: string, message: string | undefined): string | undefined =>
  message === undefined ? undefined : `${field}: ${message}`;
