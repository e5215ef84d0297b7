import { z } from 'zod';
import { nameRef, referredName } from './common.ts';
import { listedByteQuantity } from './quantity.ts';
import { matching, type Rule, withRules } from './schema.ts';

export const MOST_VOLUMES = 16;

/** Disks that every guest can have, by the names that they have in its VirtualMachine. */
const TAKEN = ['root', 'ephemeral', 'swap', 'cloudinit', 'rescue'] as const;

const taken = TAKEN.map((name) => `'${name}'`).join(', ');

const volumeName = withRules(
  z.string().max(63),
  matching(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    "must be lower-case letters, digits and '-', with a letter or digit first and last, such as data",
  ),
  {
    rule: `!(self in [${taken}])`,
    message: `must be none of ${TAKEN.join(', ')}: these are disks of the guest's own`,
    check: (name) => !TAKEN.some((it) => it === name),
  },
);

const blank = z
  .strictObject({
    size: listedByteQuantity({ min: '1Mi', max: '64Ti' }).meta({ description: 'Its size, such as `20Gi`.' }),
    storageClassName: referredName
      .meta({ description: "StorageClass of the volume; the cluster's default if absent." })
      .optional(),
    accessMode: z
      .enum(['ReadWriteOnce', 'ReadWriteMany'])
      .meta({
        description:
          'ReadWriteMany is needed to live migrate the guest without copying the volume, and to share it; else what the storage class offers first.',
      })
      .optional(),
    volumeMode: z
      .enum(['Filesystem', 'Block'])
      .meta({ description: "The storage class's default if absent." })
      .optional(),
    deleteOnTermination: z
      .boolean()
      .meta({
        description:
          "It is deleted with the Instance, and when it is taken off the list (Nova's delete_on_termination). Else it is kept, and an Instance of the same name takes it up again.",
      })
      .optional(),
  })
  .meta({
    description: "An empty volume that is made for the Instance (Nova's source type blank): INSTANCE-NAME.",
  });

const volume = withRules(
  z.strictObject({
    name: volumeName.meta({ description: 'Name in the list; the serial number of the disk, too.' }),
    pvc: nameRef
      .meta({
        description: 'A PersistentVolumeClaim of the same namespace. It is never deleted by Berth.',
      })
      .optional(),
    blank: blank.optional(),
    shareable: z
      .boolean()
      .meta({
        description:
          "Other Instances that say so too may have it at the same time (Nova's multiattach). Needs ReadWriteMany, and guests that can deal with it.",
      })
      .optional(),
  }),
  {
    rule: 'has(self.pvc) != has(self.blank)',
    message: 'a volume needs exactly one of pvc and blank: keep one and remove the other',
    check: (it) => (it.pvc === undefined) !== (it.blank === undefined),
  },
  {
    rule: "!has(self.shareable) || !self.shareable || !has(self.blank) || (has(self.blank.accessMode) && self.blank.accessMode == 'ReadWriteMany')",
    message: 'a shareable volume needs blank.accessMode ReadWriteMany: set it, or remove shareable',
    check: (it) => !it.shareable || it.blank === undefined || it.blank.accessMode === 'ReadWriteMany',
  },
  {
    rule: 'has(self.pvc) == has(oldSelf.pvc) && (!has(self.pvc) || self.pvc == oldSelf.pvc) && (has(self.shareable) && self.shareable) == (has(oldSelf.shareable) && oldSelf.shareable)',
    message:
      'a volume on the list cannot become another one: remove it, and add the other one under a new name',
  },
  {
    rule: '!has(self.blank) || !has(oldSelf.blank) || (self.blank.size == oldSelf.blank.size && has(self.blank.storageClassName) == has(oldSelf.blank.storageClassName) && (!has(self.blank.storageClassName) || self.blank.storageClassName == oldSelf.blank.storageClassName) && has(self.blank.accessMode) == has(oldSelf.blank.accessMode) && (!has(self.blank.accessMode) || self.blank.accessMode == oldSelf.blank.accessMode) && has(self.blank.volumeMode) == has(oldSelf.blank.volumeMode) && (!has(self.blank.volumeMode) || self.blank.volumeMode == oldSelf.blank.volumeMode))',
    message:
      'of a blank volume on the list only deleteOnTermination can change: add another one under a new name',
  },
);
export type VolumeSpec = z.infer<typeof volume>;

const ONE_CLAIM: Rule<readonly { pvc?: { name: string } | undefined }[]> = {
  rule: 'self.all(it, !has(it.pvc) || self.exists_one(other, has(other.pvc) && other.pvc.name == it.pvc.name))',
  message: 'the same PersistentVolumeClaim is on the list twice: keep one',
  check: (list) => {
    const claims = list.flatMap(({ pvc }) => (pvc ? [pvc.name] : []));
    return new Set(claims).size === claims.length;
  },
};

/** spec.volumes. Nothing in it has a default: `kubectl apply` compares lists as a whole with what was applied before. */
export const volumes = withRules(z.array(volume).max(MOST_VOLUMES), ONE_CLAIM).meta({
  description:
    'Disks beside the root disk. An entry more is attached, also to a guest that runs; an entry less is detached.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
});

export const VOLUME_PHASES = ['Pending', 'Attaching', 'Attached', 'Detaching'] as const;

/** status.volumes. */
export const volumeStatuses = z
  .array(
    z.strictObject({
      name: z.string().max(63).meta({ description: 'Name in spec.volumes.' }),
      claimName: z.string().max(253).meta({ description: 'Its PersistentVolumeClaim.' }),
      phase: z.enum(VOLUME_PHASES).meta({
        description:
          'Pending: the message says what it waits for. Attached: the guest has it, or gets it when it starts.',
      }),
      device: z
        .string()
        .max(63)
        .meta({ description: "What the guest's hypervisor calls it, such as `sda`." })
        .optional(),
      deleteOnTermination: z
        .boolean()
        .meta({ description: 'It was made for the Instance, and goes with it.' })
        .optional(),
      message: z.string().max(512).meta({ description: 'What it waits for.' }).optional(),
    }),
  )
  .max(2 * MOST_VOLUMES)
  .meta({ description: 'The volumes beside the root disk, by name.' });
