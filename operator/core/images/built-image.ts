import type { Image } from '#api/image.ts';
import type { Instance, InstanceSpec, InstanceStatus } from '#api/instance.ts';

/** What a root disk is made from: `status.image` once it was. */
export type BuiltImage = NonNullable<InstanceStatus['image']>;

export const inlineImage = (image: NonNullable<InstanceSpec['image']>): BuiltImage => image;

/** An Image as root disks are made from it. Of one that a volume holds, the volume is what is cloned. */
export function imageFrom({ metadata: { name }, spec, status }: Image): BuiltImage {
  const { source, architecture, minDiskGiB, minMemoryMiB } = spec;
  const properties = {
    ...spec.properties,
    ...(architecture !== undefined && { hw_architecture: architecture }),
  };
  const { containerDisk } = source;
  const least = Math.max(minDiskGiB, Math.ceil(status?.sizeGiB ?? 0));
  return {
    name,
    ...(containerDisk === undefined ? { pvc: { name: imageClaimName(name) } } : { containerDisk }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(least > 0 && { minDiskGiB: least }),
    ...(minMemoryMiB > 0 && { minMemoryMiB }),
  };
}

/** DataVolume and claim of an Image. */
export const imageClaimName = (imageName: string): string => `image-${imageName}`;

/** The image of an Instance without a look at any other object; undefined: it refers to an Image, and is not made yet. */
export const ownImage = ({ spec, status }: Instance): BuiltImage | undefined =>
  status?.image ?? (spec.image && inlineImage(spec.image));

/** May Instances be made from it? */
export const isUsable = ({ metadata, status }: Image): boolean =>
  metadata.deletionTimestamp === undefined && (status?.stage === 'Ready' || status?.stage === 'Cached');

/** Why they may not yet, for whoever waits for it. */
export function whyUnusable({ metadata, status }: Image): string {
  if (metadata.deletionTimestamp) return 'is being deleted: create it anew';
  const said = status?.conditions?.find(({ type }) => type === 'Ready');
  return `is not ready: ${said ? `${said.reason}: ${said.message}` : 'nobody has looked at it yet'}`;
}
