import type { Instance } from '#api/instance.ts';
import type { InstanceActionSpec } from '#api/instanceaction.ts';
import { novaArchitecture } from '#core/computenode/hypervisor-facts.ts';
import { type ImageSources, whyNotAllowed } from '#core/images/allow-list.ts';
import { type BuiltImage, imageFrom, inlineImage, isUsable, whyUnusable } from '#core/images/built-image.ts';
import { imageMismatch } from '#core/images/fit.ts';
import { readImageProperties } from '#core/images/properties.ts';
import type { OperationRequest, RebuildWish } from '#core/lifecycle/request.ts';
import type { Caches } from '../caches.ts';
import type { RebuildJudge } from './rebuild-judge.ts';

type WishCaches = Pick<Caches, 'images' | 'keyPairs' | 'computeNodes'>;
type Rebuild = NonNullable<InstanceActionSpec['rebuild']>;
type Found = { field: string; image: BuiltImage } | { problem: string };

/** What a rebuild is looked up in and held against. */
export interface RebuildSources {
  caches: WishCaches;
  allowed: ImageSources;
  judge: RebuildJudge;
}

/** What a rebuild comes to now, with its references looked up; nothing for other actions. */
export function rebuildWish(
  sources: RebuildSources,
  { rebuild }: InstanceActionSpec,
  instance: Instance,
): Pick<OperationRequest, 'rebuild'> {
  if (!rebuild) return {};
  const { caches } = sources;
  const found = imageOf(caches, rebuild, instance);
  if ('problem' in found) return { rebuild: found };
  const problem =
    whyImageUnfit(sources, found, instance) ?? whyKeyMissing(caches, rebuild, instance.metadata.namespace);
  return { rebuild: problem === undefined ? wish(found.image, rebuild) : { problem } };
}

function wish(image: BuiltImage, { keyPairRef, userDataSecretRef }: Rebuild): RebuildWish {
  const cloudInit = {
    ...(keyPairRef && { keyPairName: keyPairRef.name }),
    ...(userDataSecretRef && { userDataSecretName: userDataSecretRef.name }),
  };
  return { image, ...(Object.keys(cloudInit).length > 0 && { cloudInit }) };
}

function imageOf(caches: WishCaches, { image, imageRef }: Rebuild, { metadata, status }: Instance): Found {
  if (image) return { field: 'rebuild.image', image: inlineImage(image) };
  if (imageRef) return referred(caches, `${metadata.namespace}/${imageRef.name}`, 'rebuild.imageRef');
  const own = status?.image;
  if (!own) return { problem: 'rebuild: nobody knows what it was made from: give image or imageRef' };
  if (own.name === undefined || own.containerDisk !== undefined) return { field: 'rebuild', image: own };
  return referred(caches, `${metadata.namespace}/${own.name}`, 'rebuild');
}

function referred({ images }: WishCaches, key: string, field: string): Found {
  const there = images.get(key);
  const name = key.slice(key.indexOf('/') + 1);
  if (!there) return { problem: `${field}: Image ${name} does not exist: create it, or name another` };
  if (!isUsable(there)) return { problem: `${field}: Image ${name} ${whyUnusable(there)}` };
  return { field, image: imageFrom(there) };
}

function whyImageUnfit(
  { caches: { computeNodes }, allowed, judge }: RebuildSources,
  { field, image }: Exclude<Found, { problem: string }>,
  instance: Instance,
): string | undefined {
  const { spec, status } = instance;
  const refused =
    whyNotAllowed(image, allowed) ?? (status?.flavor && imageMismatch(image, status.flavor, spec)?.message);
  if (refused !== undefined) return `${field}: ${refused}`;
  const wanted = readImageProperties(image.properties ?? {}).hw_architecture;
  const node = computeNodes.get(status?.nodeName ?? '')?.status?.hypervisor?.architecture;
  if (typeof wanted !== 'string' || node === undefined || novaArchitecture(node) === wanted)
    return at(field, judge(instance, image));
  return `${field}: the image is for ${wanted}, and the Instance stays on ${status?.nodeName}, which is ${novaArchitecture(node)}: choose another image`;
}

const at = (field: string, refused: string | undefined): string | undefined =>
  refused && `${field}: ${refused}; choose another image`;

function whyKeyMissing(
  { keyPairs }: WishCaches,
  { keyPairRef }: Rebuild,
  namespace: string | undefined,
): string | undefined {
  if (!keyPairRef || keyPairs.get(`${namespace}/${keyPairRef.name}`)) return undefined;
  return `rebuild.keyPairRef: KeyPair ${keyPairRef.name} does not exist: create it, or name another`;
}
