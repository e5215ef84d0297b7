import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { amount, conditions, count, observedGeneration, referredName, time } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import { ARCHITECTURES, imageProperties } from './image-properties.ts';
import { imageSources, oneSource } from './image-source.ts';
import { AGE_COLUMN, type KindDefinition, READY_COLUMNS } from './kind.ts';
import { withRules } from './schema.ts';

/** Glance's disk_format, as far as CDI reads it. */
export const DISK_FORMATS = ['raw', 'qcow2', 'vmdk', 'vdi', 'vhd', 'vhdx'] as const;

export const IMAGE_STAGES = ['Pending', 'Cached', 'Downloading', 'Copying', 'Ready', 'Failed'] as const;
export type ImageStage = (typeof IMAGE_STAGES)[number];

const source = withRules(z.strictObject(imageSources), oneSource('source'), {
  rule: 'self == oldSelf',
  message: 'source cannot be changed, root disks were made from it: create another Image with a new name',
}).meta({ description: 'Where its disk comes from.' });

const shape = z.strictObject({
  source,
  format: z
    .enum(DISK_FORMATS)
    .meta({
      description:
        "Glance's disk_format of the source, for whoever reads it: what is imported is recognised by CDI, and kept raw.",
    })
    .optional(),
  minDiskGiB: z
    .int()
    .min(0)
    .max(65536)
    .meta({
      description:
        "The least root disk that a Flavor needs, in GiB (Glance's min_disk). Of a download also the size of the volume that holds it.",
    })
    .default(0),
  minMemoryMiB: z
    .int()
    .min(0)
    .max(67_108_864)
    .meta({ description: "The least memory that a Flavor needs, in MiB (Glance's min_ram)." })
    .default(0),
  architecture: z
    .enum(ARCHITECTURES)
    .meta({ description: 'What it runs on; the property `hw_architecture` by a plain name.' })
    .optional(),
  properties: imageProperties
    .meta({
      description:
        "Nova's properties of the image, such as `os_type` or `os_distro`: filters and weighers read them.",
    })
    .optional(),
  storageClassName: referredName
    .meta({
      description:
        "StorageClass of the volume that holds what is downloaded or copied; the cluster's default if absent. A class that clones on its own makes root disks of the same class quickly.",
    })
    .optional(),
});

export const imageSpec = withRules(
  shape,
  {
    rule: '!has(self.source.http) || self.minDiskGiB > 0',
    message:
      'minDiskGiB is missing: nobody knows how large a download is once unpacked, give at least the virtual size of the disk',
    fieldPath: '.minDiskGiB',
    check: (spec) => spec.source.http === undefined || spec.minDiskGiB > 0,
  },
  {
    rule: "!has(self.architecture) || !has(self.properties) || !('hw_architecture' in self.properties) || self.properties['hw_architecture'] == self.architecture",
    message: 'architecture and properties.hw_architecture say two things: keep one and remove the other',
    fieldPath: '.architecture',
    check: ({ architecture, properties }) =>
      architecture === undefined ||
      properties?.hw_architecture === undefined ||
      properties.hw_architecture === architecture,
  },
  {
    rule: '!has(self.storageClassName) || !has(self.source.containerDisk)',
    message: 'storageClassName is of no use for a containerDisk, which no volume holds: remove it',
    fieldPath: '.storageClassName',
    check: ({ storageClassName, source: { containerDisk } }) =>
      storageClassName === undefined || containerDisk === undefined,
  },
  {
    rule: 'has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)',
    message: 'storageClassName cannot be changed: create another Image with a new name',
    fieldPath: '.storageClassName',
  },
);

export const imageStatus = z.strictObject({
  observedGeneration,
  stage: z
    .enum(IMAGE_STAGES)
    .meta({ description: 'How far it is: Cached and Ready can be used.' })
    .optional(),
  progressPercent: z
    .int()
    .min(0)
    .max(100)
    .meta({ description: 'Of a download or copy, in steps of 10.' })
    .optional(),
  format: z
    .enum(DISK_FORMATS)
    .meta({ description: 'What it is kept in: raw where a volume holds it, else as the spec says.' })
    .optional(),
  sizeGiB: amount.meta({ description: 'Size of the volume that holds it.' }).optional(),
  claimName: referredName
    .meta({ description: 'PersistentVolumeClaim that holds it, and that root disks are cloned from.' })
    .optional(),
  nodes: count
    .meta({
      description:
        'ComputeNodes that hold its container image, as their kubelets tell; counted every half minute.',
    })
    .optional(),
  readySince: time.meta({ description: 'Since when its volume is full.' }).optional(),
  conditions: conditions.optional(),
});

export type ImageSpec = z.infer<typeof imageSpec>;
export type ImageStatus = z.infer<typeof imageStatus>;
export interface Image extends KubeObject {
  spec: ImageSpec;
  status?: ImageStatus;
}

export const IMAGE = {
  group: GROUP,
  version: VERSION,
  plural: 'images',
  kind: 'Image',
  namespaced: true,
};

/** Its name is a label's value on what is made for it. */
const MOST_NAME = 63;

const NOT_READY = {
  Pending: 'Its volume is being made.',
  Downloading: 'CDI downloads it and converts it to raw.',
  Copying: 'CDI copies the volume that it is made from.',
  ImportFailed: 'The last attempt of CDI failed: the message says why. CDI tries again by itself.',
  SourceNotFound: 'source.pvc names no claim of the namespace. Create it, and the Image goes on.',
  BeingDeleted: 'It is deleted once the root disks that are being cloned from it are full.',
};
const STALLED = {
  SourceNotAllowed:
    "The source is not on the operator's allow-list (--image-source). Use one that is, in another Image.",
  ChecksumNotVerified:
    'The CDI of this cluster does not verify checksums, and nothing is imported that would not be. Install one that does, or leave the checksum out in another Image.',
  NameConflict: 'A DataVolume or claim that is not its own has the name of its volume: remove that.',
};

export const imageKind: KindDefinition = {
  kind: 'Image',
  plural: 'images',
  singular: 'image',
  shortNames: ['img'],
  scope: 'Namespaced',
  description:
    'What root disks start with: a container disk, or a disk that is downloaded or copied once, and cloned for each Instance.',
  spec: imageSpec,
  status: imageStatus,
  rules: [
    {
      rule: `self.metadata.name.size() <= ${MOST_NAME}`,
      message: `the name of an Image has at most ${MOST_NAME} characters: shorten it`,
      fieldPath: '.metadata.name',
      check: ({ metadata }) => metadata.name.length <= MOST_NAME,
    },
  ],
  conditions: [
    {
      type: 'Ready',
      description: 'Instances can be made from it.',
      reasons: {
        Ready: 'Its volume is full; or it is a container image, which nodes pull when they need it.',
        Cached: 'It is a container image that nodes hold already.',
        ...NOT_READY,
        ...STALLED,
      },
    },
    { type: 'Reconciling', description: 'It is being made; absent otherwise.', reasons: NOT_READY },
    {
      type: 'Stalled',
      description: 'It is not made, and does not get on by itself; absent otherwise.',
      reasons: STALLED,
    },
  ],
  columns: [
    { name: 'Stage', type: 'string', jsonPath: '.status.stage', description: 'How far it is' },
    { name: 'Progress', type: 'integer', jsonPath: '.status.progressPercent', description: 'In percent' },
    { name: 'Size', type: 'number', jsonPath: '.status.sizeGiB', description: 'Of its volume, in GiB' },
    { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes', description: 'Nodes that hold it' },
    ...READY_COLUMNS,
    AGE_COLUMN,
  ],
};
