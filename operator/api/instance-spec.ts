import { z } from 'zod';
import { nameRef, referredName, zoneName } from './common.ts';
import { fixed, image, imageRef, rootDisk } from './instance-disk.ts';
import { schedulerHints } from './instance-hints.ts';
import { ADDRESSES_AT_CREATION, networks } from './instance-networks.ts';
import { RESCUE_RULES, rescue } from './instance-rescue.ts';
import { volumes } from './instance-volumes.ts';
import { type Rule, withRules } from './schema.ts';

/** After KubeVirt's LiveMigrateIfPossible of evictionStrategy. */
export const RESIZE_POLICIES = ['Cold', 'LiveIfPossible', 'Live'] as const;

export const POWER_STATES = ['Running', 'Stopped', 'Paused', 'Suspended'] as const;

/** Optional fields that neither come nor go after creation; `fixed` alone does not see that. */
const SETTLED_AT_CREATION = [
  'image',
  'keyPairRef',
  'userDataSecretRef',
  'availabilityZone',
  'serverGroupRef',
  'schedulerHints',
  'nodeName',
] as const;

const settled = SETTLED_AT_CREATION.map(
  (field): Rule<unknown> => ({
    rule: `has(self.${field}) == has(oldSelf.${field})`,
    message: `${field} cannot be added or removed after creation: create another Instance`,
    fieldPath: `.${field}`,
  }),
);

export const instanceSpec = withRules(
  z.strictObject({
    flavorRef: nameRef.meta({
      description:
        'The Flavor: vCPUs, memory and disks. Another one resizes the guest: it is shut down and boots at the new size, until that is confirmed or reverted.',
    }),
    resizePolicy: z
      .enum(RESIZE_POLICIES)
      .meta({
        description:
          'How another Flavor is given. Cold: the guest is shut down, and confirmed or reverted after that. Live: vCPUs and memory are plugged while it runs, by a live migration, with nothing to confirm; what KubeVirt cannot plug is not done. LiveIfPossible: Live, else Cold.',
      })
      .default('Cold'),
    image: image.optional(),
    imageRef: imageRef.optional(),
    rootDisk: rootDisk.default({ ephemeral: false }),
    keyPairRef: withRules(
      nameRef,
      fixed('keyPairRef', 'a guest is given its key when it is first started; create another Instance'),
    )
      .meta({ description: 'KeyPair of the same namespace that the guest is given by cloud-init.' })
      .optional(),
    userDataSecretRef: withRules(
      nameRef,
      fixed('userDataSecretRef', 'user data is read when a guest is first started; create another Instance'),
    )
      .meta({
        description: 'Secret of the same namespace with cloud-init user data under the key `userdata`.',
      })
      .optional(),
    availabilityZone: withRules(zoneName, fixed('availabilityZone', 'create another Instance'))
      .meta({ description: 'Zone that the guest is placed in; any if absent.' })
      .optional(),
    serverGroupRef: withRules(
      nameRef,
      fixed('serverGroupRef', 'a group is joined at creation; create another Instance'),
    )
      .meta({ description: 'ServerGroup of the same namespace that it is a member of.' })
      .optional(),
    schedulerHints: withRules(schedulerHints, fixed('schedulerHints', 'create another Instance'))
      .meta({ description: "Where it should go, by where other Instances are (Nova's scheduler hints)." })
      .optional(),
    nodeName: withRules(referredName, fixed('nodeName', 'create another Instance'))
      .meta({
        description:
          'For administrators: the node that it is first placed on, if that passes every filter. Needs the verb `pin` on `instances/nodename`. Later moves are free.',
      })
      .optional(),
    schedulerProfile: referredName
      .meta({
        description:
          'SchedulerProfile that it is placed and moved by; else that of its namespace, else `default`. Counts from the next decision on.',
      })
      .optional(),
    powerState: z
      .enum(POWER_STATES)
      .meta({
        description:
          'What the guest should do. A guest that powers itself off is not started again until this field changes.',
      })
      .default('Running'),
    rescue: rescue.optional(),
    volumes: volumes.optional(),
    networks: networks.optional(),
    shelved: z
      .boolean()
      .meta({
        description:
          'Off, without a place on any node; the root disk is kept. Set back to false, a node is chosen anew.',
      })
      .default(false),
    locked: z
      .boolean()
      .meta({
        description:
          'Every operation is refused, deletion too, until it is false again. Unlocking needs the verb `unlock` on `instances/lock`.',
      })
      .default(false),
    deletionProtection: z
      .boolean()
      .meta({ description: 'Deletion is refused until it is false again.' })
      .default(false),
  }),
  {
    rule: 'has(self.image) != has(self.imageRef)',
    message: 'an Instance needs exactly one of image and imageRef: keep one and remove the other',
    fieldPath: '.image',
    check: (spec) => (spec.image !== undefined) !== (spec.imageRef !== undefined),
  },
  {
    rule: '!self.rootDisk.ephemeral || !has(self.image) || has(self.image.containerDisk)',
    message: 'an ephemeral root disk needs image.containerDisk: use one, or set rootDisk.ephemeral: false',
    fieldPath: '.image',
    check: ({ rootDisk: { ephemeral }, image: it }) =>
      !ephemeral || it === undefined || it.containerDisk !== undefined,
  },
  {
    rule: '!self.shelved || !self.rootDisk.ephemeral',
    message:
      'an ephemeral root disk would be lost when it is shelved: remove shelved, or stop it by powerState',
    fieldPath: '.shelved',
    check: (spec) => !spec.shelved || !spec.rootDisk.ephemeral,
  },
  ...RESCUE_RULES,
  ADDRESSES_AT_CREATION,
  ...settled,
);
