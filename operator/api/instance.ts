import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { conditions, dnsLabel, nameRef, objectName, requestId } from './common.ts';
import type { KindDefinition } from './kind.ts';
import { withRules } from './schema.ts';

const fixed = (field: string, way: string) => ({
  rule: 'self == oldSelf',
  message: `${field} cannot be changed after creation: ${way}`,
});

const image = withRules(
  z.strictObject({
    containerDisk: z
      .string()
      .min(1)
      .max(512)
      .regex(/^[a-z0-9]([-a-zA-Z0-9._:@/]*[a-zA-Z0-9])?$/)
      .meta({
        description: 'Container image with a disk in /disk, such as `quay.io/containerdisks/fedora:41`.',
      })
      .optional(),
    http: z
      .strictObject({
        url: z
          .string()
          .min(8)
          .max(2048)
          .regex(/^https?:\/\/[^\s]+$/),
        checksum: z
          .string()
          .max(136)
          .regex(/^(md5:[0-9a-f]{32}|sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
          .meta({ description: 'Algorithm and digest, such as `sha256:9f86d0...`.' })
          .optional(),
      })
      .meta({ description: 'A disk image (raw, qcow2; gz or xz) to download.' })
      .optional(),
    pvc: z
      .strictObject({ name: objectName })
      .meta({ description: 'A PersistentVolumeClaim of the same namespace, cloned.' })
      .optional(),
  }),
  {
    rule: '[has(self.containerDisk), has(self.http), has(self.pvc)].filter(given, given).size() == 1',
    message: 'image needs exactly one of containerDisk, http and pvc: keep one and remove the others',
    check: (it) => [it.containerDisk, it.http, it.pvc].filter((given) => given !== undefined).length === 1,
  },
  fixed('image', 'create another Instance'),
).meta({ description: 'What the root disk starts with.' });

const rootDisk = withRules(
  z.strictObject({
    ephemeral: z
      .boolean()
      .meta({
        description:
          'The root disk is lost whenever the guest stops (a containerDisk). Otherwise it is a volume that outlives stop, reboot and moves.',
      })
      .default(false),
    storageClassName: objectName
      .meta({ description: "Of the root volume; the cluster's default if absent." })
      .optional(),
    accessMode: z
      .enum(['ReadWriteOnce', 'ReadWriteMany'])
      .meta({ description: 'ReadWriteMany is needed to live migrate without copying the disk.' })
      .optional(),
    volumeMode: z.enum(['Filesystem', 'Block']).optional(),
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

export const POWER_STATES = ['Running', 'Stopped', 'Paused'] as const;

export const instanceSpec = withRules(
  z.strictObject({
    flavorRef: withRules(
      nameRef,
      fixed('flavorRef', 'resize is not available yet; create another Instance'),
    ).meta({
      description: 'The Flavor: vCPUs, memory and disks.',
    }),
    image,
    rootDisk: rootDisk.default({ ephemeral: false }),
    keyPairRef: withRules(nameRef, fixed('keyPairRef', 'a key is given to a guest when it is first started'))
      .meta({ description: 'KeyPair of the same namespace that the guest is given by cloud-init.' })
      .optional(),
    userDataSecretRef: withRules(
      nameRef,
      fixed('userDataSecretRef', 'user data is read when a guest is first started'),
    )
      .meta({
        description: 'Secret of the same namespace with cloud-init user data under the key `userdata`.',
      })
      .optional(),
    availabilityZone: withRules(dnsLabel, fixed('availabilityZone', 'create another Instance'))
      .meta({ description: 'Zone that the guest is placed in; any if absent.' })
      .optional(),
    powerState: z
      .enum(POWER_STATES)
      .meta({
        description:
          'What the guest should do. A guest that powers itself off is not started again until this field changes.',
      })
      .default('Running'),
  }),
  {
    rule: '!self.rootDisk.ephemeral || has(self.image.containerDisk)',
    message: 'an ephemeral root disk needs image.containerDisk: use one, or set rootDisk.ephemeral: false',
    fieldPath: '.image',
    check: (spec) => !spec.rootDisk.ephemeral || spec.image.containerDisk !== undefined,
  },
  ...(['keyPairRef', 'userDataSecretRef', 'availabilityZone'] as const).map((field) => ({
    rule: `has(self.${field}) == has(oldSelf.${field})`,
    message: `${field} cannot be added or removed after creation: create another Instance`,
    fieldPath: `.${field}`,
  })),
);

export const VM_STATES = [
  'Building',
  'Active',
  'Paused',
  'Suspended',
  'Stopped',
  'Rescued',
  'Resized',
  'ShelvedOffloaded',
  'Error',
  'Deleting',
] as const;
export type VmState = (typeof VM_STATES)[number];

export const TASK_STATES = [
  'Scheduling',
  'BlockDeviceMapping',
  'Spawning',
  'PoweringOn',
  'PoweringOff',
  'Pausing',
  'Unpausing',
  'Migrating',
  'Deleting',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const OPERATIONS = ['Create', 'Start', 'Stop', 'Pause', 'Unpause', 'Migrate', 'Delete'] as const;
export type OperationName = (typeof OPERATIONS)[number];

const reasonCount = z.strictObject({ reason: z.string().max(63), count: z.int().min(0) });

export const placement = z.strictObject({
  nodeName: objectName.optional(),
  availabilityZone: z.string().max(63).optional(),
  requestId: requestId.optional(),
  time: z.iso.datetime().optional(),
  profile: z.string().max(63).optional(),
  hosts: z.int().min(0).meta({ description: 'How many hosts were considered.' }).optional(),
  filters: z
    .array(
      z.strictObject({
        name: z.string().max(63),
        passed: z.int().min(0).meta({ description: 'Hosts that were left after it.' }),
        rejected: z.array(reasonCount).max(16).meta({ description: 'Hosts that it turned away, by reason.' }),
      }),
    )
    .max(32)
    .optional(),
  weight: z.number().meta({ description: 'Total weight of the chosen host.' }).optional(),
  weighers: z
    .array(z.strictObject({ name: z.string().max(63), raw: z.number(), normalised: z.number() }))
    .max(32)
    .meta({ description: 'Figures of the chosen host.' })
    .optional(),
  alternates: z.int().min(0).meta({ description: 'How many other hosts could have taken it.' }).optional(),
  attempt: z.int().min(1).meta({ description: '1 for the first host that was tried.' }).optional(),
  excluded: z
    .array(z.strictObject({ nodeName: objectName, message: z.string().max(1024) }))
    .max(8)
    .meta({ description: 'Nodes that refused this request, and why.' })
    .optional(),
});
export type Placement = z.infer<typeof placement>;

export const fault = z.strictObject({
  code: z.string().max(63).meta({ description: 'CamelCase; the list is in the reference.' }),
  message: z.string().max(2048).meta({ description: 'What happened and what to do.' }),
  time: z.iso.datetime(),
});

const operation = z.strictObject({
  name: z.enum(OPERATIONS),
  requestId,
  startTime: z.iso.datetime(),
});

export const instanceStatus = z.strictObject({
  observedGeneration: z.int().optional(),
  vmState: z.enum(VM_STATES).optional(),
  taskState: z.enum(TASK_STATES).optional(),
  powerState: z.enum(['NoState', 'Running', 'Paused', 'Shutdown', 'Crashed']).optional(),
  nodeName: objectName.meta({ description: 'Node that the guest is on, or is kept a place on.' }).optional(),
  addresses: z
    .array(
      z.strictObject({
        interface: z.string().max(63),
        ip: z.string().max(45).optional(),
        mac: z.string().max(17).optional(),
      }),
    )
    .max(32)
    .optional(),
  flavor: z
    .strictObject({ name: objectName, vcpus: z.int(), memoryMiB: z.int(), rootDiskGiB: z.number() })
    .meta({ description: 'The Flavor as the guest was built with.' })
    .optional(),
  placement: placement.meta({ description: 'Why it is on the node, or why it is on none.' }).optional(),
  operation: operation
    .extend({
      waitingFor: z.string().max(512),
      deadline: z.iso.datetime().meta({ description: 'When the wait ends in a fault.' }).optional(),
    })
    .meta({ description: 'The operation in flight.' })
    .optional(),
  lastOperations: z
    .array(
      operation.extend({
        finishTime: z.iso.datetime(),
        result: z.enum(['Succeeded', 'Failed']),
        message: z.string().max(512).optional(),
      }),
    )
    .max(10)
    .meta({ description: 'The last operations, newest first.' })
    .optional(),
  appliedPowerState: z
    .enum(POWER_STATES)
    .meta({
      description:
        'The spec.powerState that was last carried out; a guest that changes by itself afterwards is left alone.',
    })
    .optional(),
  fault: fault.meta({ description: 'What went wrong, until it is put right.' }).optional(),
  conditions: conditions.optional(),
});

export type InstanceSpec = z.infer<typeof instanceSpec>;
export type InstanceStatus = z.infer<typeof instanceStatus>;
export interface Instance extends KubeObject {
  spec: InstanceSpec;
  status?: InstanceStatus;
}

export const INSTANCE = {
  group: 'compute.berth.dev',
  version: 'v1alpha1',
  plural: 'instances',
  kind: 'Instance',
  namespaced: true,
};

export const instanceKind: KindDefinition = {
  kind: 'Instance',
  plural: 'instances',
  singular: 'instance',
  shortNames: ['inst'],
  scope: 'Namespaced',
  description: 'A virtual machine: placed on a ComputeNode by the scheduler and booted by KubeVirt.',
  spec: instanceSpec,
  status: instanceStatus,
  rules: [
    {
      rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$')",
      message:
        "metadata.name is the guest's host name: a letter, then at most 62 lower-case letters, digits and dashes, no dots",
      check: ({ metadata }) => /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(metadata.name),
    },
  ],
  columns: [
    { name: 'Flavor', type: 'string', jsonPath: '.spec.flavorRef.name', description: 'Flavor asked for' },
    { name: 'State', type: 'string', jsonPath: '.status.vmState', description: 'vmState' },
    { name: 'Task', type: 'string', jsonPath: '.status.taskState', description: 'taskState' },
    { name: 'Power', type: 'string', jsonPath: '.status.powerState', description: 'powerState' },
    { name: 'Node', type: 'string', jsonPath: '.status.nodeName', description: 'Where it is' },
    {
      name: 'Zone',
      type: 'string',
      jsonPath: '.status.placement.availabilityZone',
      description: 'Availability zone',
      priority: 1,
    },
    {
      name: 'Address',
      type: 'string',
      jsonPath: '.status.addresses[0].ip',
      description: 'First address',
      priority: 1,
    },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Why it is ready or not',
      priority: 0,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The same in words',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when' },
  ],
};
