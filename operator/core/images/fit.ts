import type { InstanceSpec } from '#api/instance.ts';
import type { BuiltFlavor } from '../lifecycle/guest-size.ts';
import type { BuiltImage } from './built-image.ts';

const nameOf = ({ name }: BuiltImage): string => (name === undefined ? 'the image' : `Image ${name}`);

/** Why a Flavor is too small for an image; undefined: it is not. A Flavor's rootDisk of 0 is as large as the image. */
export function tooSmall(flavor: BuiltFlavor, image: BuiltImage): string | undefined {
  const { minDiskGiB = 0, minMemoryMiB = 0 } = image;
  if (flavor.rootDiskGiB > 0 && flavor.rootDiskGiB < minDiskGiB)
    return `${nameOf(image)} needs a root disk of ${minDiskGiB} GiB, and Flavor ${flavor.name} has one of ${flavor.rootDiskGiB}: choose a Flavor with a larger rootDisk`;
  if (flavor.memoryMiB < minMemoryMiB)
    return `${nameOf(image)} needs ${minMemoryMiB} MiB of memory, and Flavor ${flavor.name} has ${flavor.memoryMiB}: choose a Flavor with more memory`;
  return undefined;
}

/** Why an image and what an Instance is to be made with do not go together; undefined when they do. */
export function imageMismatch(
  image: BuiltImage,
  flavor: BuiltFlavor,
  { rootDisk }: Pick<InstanceSpec, 'rootDisk'>,
): { field: string; message: string } | undefined {
  if (rootDisk.ephemeral && image.containerDisk === undefined) {
    const message = `an ephemeral root disk needs a container disk, and ${nameOf(image)} is none: choose another one, or set rootDisk.ephemeral: false`;
    return { field: 'spec.rootDisk.ephemeral', message };
  }
  const message = tooSmall(flavor, image);
  return message === undefined ? undefined : { field: 'spec.flavorRef', message };
}
