import { z } from 'zod';
import { nameRef, referredName } from './common.ts';
import { imageProperties } from './image-properties.ts';
import { imageSources, oneSource } from './image-source.ts';
import { type Rule, withRules } from './schema.ts';

/** A field that is what it was at creation; `way` is what to do instead. */
export function fixed(field: string, way: string): Rule<unknown> {
  return { rule: 'self == oldSelf', message: `${field} cannot be changed after creation: ${way}` };
}

const REBUILD = 'create another Instance, or rebuild this one by an InstanceAction';

/** A source in the object itself. */
export const inlineImage = withRules(
  z.strictObject({
    ...imageSources,
    properties: imageProperties
      .meta({
        description:
          "Nova's properties of the image, such as `os_type`, `hw_architecture` or `os_distro`: filters and weighers read them.",
      })
      .optional(),
  }),
  oneSource('image'),
);

export const image = withRules(inlineImage, fixed('image', REBUILD)).meta({
  description: 'What the root disk starts with, where that is no Image.',
});

export const imageRef = withRules(nameRef, fixed('imageRef', REBUILD)).meta({
  description:
    'The Image of the same namespace that the root disk starts with; exactly one of image and imageRef.',
});

export const rootDisk = withRules(
  z.strictObject({
    ephemeral: z
      .boolean()
      .meta({
        description:
          'The root disk is lost whenever the guest stops (a containerDisk). Otherwise it is a volume that outlives stop, reboot and moves.',
      })
      .default(false),
    storageClassName: referredName
      .meta({ description: "StorageClass of the root volume; the cluster's default if absent." })
      .optional(),
    accessMode: z
      .enum(['ReadWriteOnce', 'ReadWriteMany'])
      .meta({ description: 'ReadWriteMany is needed to live migrate without copying the disk.' })
      .optional(),
    volumeMode: z
      .enum(['Filesystem', 'Block'])
      .meta({ description: "Of the root volume; the storage class's default if absent." })
      .optional(),
  }),
  {
    rule: '!(self.ephemeral && (has(self.storageClassName) || has(self.accessMode) || has(self.volumeMode)))',
    message:
      'an ephemeral rootDisk is no volume: remove storageClassName, accessMode and volumeMode, or set ephemeral: false',
    check: (it) =>
      !(
        it.ephemeral &&
        (it.storageClassName !== undefined || it.accessMode !== undefined || it.volumeMode !== undefined)
      ),
  },
  fixed('rootDisk', 'create another Instance'),
).meta({ description: 'How the root disk is kept.' });
