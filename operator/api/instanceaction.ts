import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { nameRef, referredName, requestId } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import { inlineImage } from './instance-disk.ts';
import type { KindDefinition } from './kind.ts';
import {
  CANCEL_STAYS,
  cancel,
  FIXED_BUT_FOR_CANCEL,
  REQUEST_CONDITIONS,
  requestColumns,
  requestStatus,
  ttlSecondsAfterFinished,
  unchanged,
} from './request.ts';
import { withRules } from './schema.ts';

const NO_ARGUMENTS = z.strictObject({});

const operations = {
  start: NO_ARGUMENTS.meta({
    description: 'Starts a guest that went off by itself; otherwise powerState says what runs.',
  }).optional(),
  reboot: z
    .strictObject({
      type: z
        .enum(['Soft', 'Hard'])
        .meta({
          description:
            'Soft asks the guest, and resets it when it does not come up again in time; Hard resets it at once.',
        })
        .default('Soft'),
    })
    .meta({ description: 'Starts the guest anew where it is.' })
    .optional(),
  confirmResize: NO_ARGUMENTS.meta({
    description: 'Keeps the new size or place of a resize or cold migration, and frees the old one.',
  }).optional(),
  revertResize: NO_ARGUMENTS.meta({
    description: 'Goes back to the old size and place of a resize or cold migration.',
  }).optional(),
  rebuild: withRules(
    z.strictObject({
      image: inlineImage.meta({ description: 'What the new root disk starts with.' }).optional(),
      imageRef: nameRef
        .meta({
          description:
            'The Image of the same namespace that it starts with. Without image and imageRef it is the one that the Instance has.',
        })
        .optional(),
      keyPairRef: nameRef
        .meta({ description: 'KeyPair that the guest is given from now on; as before if absent.' })
        .optional(),
      userDataSecretRef: nameRef
        .meta({
          description:
            'Secret with cloud-init user data under the key `userdata` from now on; as before if absent.',
        })
        .optional(),
    }),
    {
      rule: '!(has(self.image) && has(self.imageRef))',
      message: 'a rebuild has one image: remove image or imageRef',
      check: ({ image, imageRef }) => image === undefined || imageRef === undefined,
    },
  )
    .meta({
      description:
        'Makes the root disk afresh from an image, on the same node and with the same name and place. What was on it is lost; other volumes stay.',
    })
    .optional(),
  createImage: z
    .strictObject({
      name: withRules(referredName, {
        rule: 'self.size() <= 63',
        message: 'the name of an Image has at most 63 characters: shorten it',
        check: (name) => name.length <= 63,
      }).meta({ description: 'Name of the Image to be made, in the same namespace.' }),
    })
    .meta({ description: 'Makes an Image of the root disk, while the guest is off.' })
    .optional(),
};

/** The fields of which a spec has exactly one. */
export const ACTION_FIELDS = Object.keys(operations) as (keyof typeof operations)[];
const has = ACTION_FIELDS.map((field) => `has(self.${field})`).join(', ');

export const instanceActionSpec = withRules(
  z.strictObject({
    instanceRef: nameRef.meta({ description: 'The Instance of the same namespace.' }),
    ...operations,
    requestId: requestId
      .meta({ description: 'Under which it is told of; else one made of the name and what is asked.' })
      .optional(),
    cancel,
    ttlSecondsAfterFinished,
  }),
  {
    rule: `[${has}].filter(given, given).size() == 1`,
    message: `an InstanceAction asks for one thing: give exactly one of ${ACTION_FIELDS.join(', ')}`,
    check: (spec) => ACTION_FIELDS.filter((field) => spec[field] !== undefined).length === 1,
  },
  {
    rule: ACTION_FIELDS.map((field) => `(${unchanged(field)})`).join(' && '),
    message: 'what an InstanceAction asks for cannot be changed, it asks once: create another one',
  },
  ...['instanceRef', 'requestId', 'ttlSecondsAfterFinished'].map((field) =>
    FIXED_BUT_FOR_CANCEL('InstanceAction', field),
  ),
  CANCEL_STAYS,
);

export type InstanceActionSpec = z.infer<typeof instanceActionSpec>;
export interface InstanceAction extends KubeObject {
  spec: InstanceActionSpec;
  status?: z.infer<typeof requestStatus>;
}

export const INSTANCE_ACTION = {
  group: GROUP,
  version: VERSION,
  plural: 'instanceactions',
  kind: 'InstanceAction',
  namespaced: true,
};

export const instanceActionKind: KindDefinition = {
  kind: 'InstanceAction',
  plural: 'instanceactions',
  singular: 'instanceaction',
  shortNames: ['iact'],
  scope: 'Namespaced',
  description:
    'One thing to be done to an Instance, once. It is carried out, or refused with the reason; it never waits for another operation.',
  spec: instanceActionSpec,
  status: requestStatus,
  conditions: REQUEST_CONDITIONS,
  columns: requestColumns([]),
};
