import { z } from 'zod';
import { nameRef } from './common.ts';
import { containerImage } from './image-source.ts';
import type { Rule } from './schema.ts';

/** Nova's rescue: `{}` boots from the image that the Instance was made from. */
export const rescue = z
  .strictObject({
    image: z
      .strictObject({
        containerDisk: containerImage.meta({
          description: 'Container image with a disk in /disk, such as `quay.io/containerdisks/fedora:41`.',
        }),
      })
      .meta({
        description:
          'What to boot from; if absent, the container disk that the root disk was made from, else that of spec.image.',
      })
      .optional(),
    userDataSecretRef: nameRef
      .meta({
        description:
          'Secret of the same namespace with cloud-init user data of the rescue system under the key `userdata`, such as a password; that of the Instance if absent. The key pair is given to both.',
      })
      .optional(),
  })
  .meta({
    description:
      'While it is there, the guest runs from a rescue image with its root disk as the second one, on the same node.',
  });

interface Rescued {
  rescue?: z.infer<typeof rescue> | undefined;
  image?: { containerDisk?: string | undefined } | undefined;
  rootDisk: { ephemeral: boolean };
  keyPairRef?: unknown;
  userDataSecretRef?: unknown;
}

export const RESCUE_RULES: Rule<Rescued>[] = [
  {
    rule: '!has(self.rescue) || !self.rootDisk.ephemeral',
    message:
      'an ephemeral root disk is lost when the guest stops, and leaves nothing to rescue: remove rescue',
    fieldPath: '.rescue',
    check: ({ rescue: it, rootDisk }) => it === undefined || !rootDisk.ephemeral,
  },
  {
    rule: '!has(self.rescue) || has(self.rescue.image) || (has(self.image) && has(self.image.containerDisk))',
    message: 'rescue needs an image where spec.image is no containerDisk: set rescue.image.containerDisk',
    fieldPath: '.rescue',
    check: ({ rescue: it, image }) =>
      it === undefined || it.image !== undefined || image?.containerDisk !== undefined,
  },
  {
    rule: '!has(self.rescue) || !has(self.rescue.userDataSecretRef) || has(self.keyPairRef) || has(self.userDataSecretRef)',
    message:
      'rescue.userDataSecretRef needs an Instance with keyPairRef or userDataSecretRef, whose place it takes: remove it',
    fieldPath: '.rescue.userDataSecretRef',
    check: ({ rescue: it, keyPairRef, userDataSecretRef }) =>
      it?.userDataSecretRef === undefined || keyPairRef !== undefined || userDataSecretRef !== undefined,
  },
  {
    rule: '!has(self.rescue) || !has(oldSelf.rescue) || self.rescue == oldSelf.rescue',
    message:
      'rescue cannot be changed while it is there: remove it, wait until it is carried out, set it anew',
    fieldPath: '.rescue',
  },
];
