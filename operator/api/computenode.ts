import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { byteQuantity, conditions, resourceAmounts } from './common.ts';
import type { KindDefinition } from './kind.ts';
import { withRules } from './schema.ts';

const ratio = z.number().min(0.01).max(1000);

export const computeNodeSpec = withRules(
  z.strictObject({
    disabled: z
      .boolean()
      .meta({ description: 'No new Instances are placed here. What runs stays.' })
      .default(false),
    disabledReason: z
      .string()
      .max(255)
      .meta({ description: 'Why it is disabled; shown in refusals.' })
      .optional(),
    allocationRatios: z
      .strictObject({
        cpu: ratio
          .meta({ description: "vCPUs promised for each CPU (Nova's cpu_allocation_ratio)." })
          .optional(),
        memory: ratio
          .meta({ description: "Memory promised for each byte (Nova's ram_allocation_ratio)." })
          .optional(),
        disk: ratio
          .meta({ description: "Local disk promised for each byte (Nova's disk_allocation_ratio)." })
          .optional(),
      })
      .meta({ description: "In place of the operator's defaults." })
      .optional(),
    reserved: z
      .strictObject({
        vcpus: z.number().min(0).max(100000).meta({ description: 'CPUs kept from Instances.' }).optional(),
        memory: byteQuantity.meta({ description: 'Memory kept from Instances.' }).optional(),
        disk: byteQuantity.meta({ description: 'Local disk kept from Instances.' }).optional(),
      })
      .meta({
        description:
          'Kept from Instances, beside what the node keeps for itself and what other pods ask for.',
      })
      .optional(),
  }),
  {
    rule: '!has(self.disabledReason) || (has(self.disabled) && self.disabled)',
    message: 'disabledReason is given but disabled is not true: set disabled: true or remove disabledReason',
    fieldPath: '.disabledReason',
    check: (spec) => spec.disabledReason === undefined || spec.disabled,
  },
);

export const DOWN_REASONS = [
  'NodeNotReady',
  'NodeUnreachable',
  'NodeDeleted',
  'HeartbeatMissing',
  'HeartbeatStale',
  'KubeVirtNotSchedulable',
] as const;
export type DownReason = (typeof DOWN_REASONS)[number];

export const computeNodeStatus = z.strictObject({
  observedGeneration: z.int().optional(),
  state: z.enum(['Up', 'Down']).meta({ description: 'Can guests be started here.' }).optional(),
  stateReason: z
    .enum(['Reporting', ...DOWN_REASONS])
    .meta({ description: 'Why it is Up or Down.' })
    .optional(),
  stateMessage: z.string().max(1024).optional(),
  stateSince: z.iso.datetime().meta({ description: 'Since when the state is what it is.' }).optional(),
  availabilityZone: z.string().max(63).optional(),
  hypervisor: z
    .strictObject({
      type: z.string().max(63),
      architecture: z.string().max(63),
      cpuModel: z.string().max(128).optional(),
      kubeletVersion: z.string().max(64).optional(),
    })
    .optional(),
  allocationRatios: z.strictObject({ cpu: z.number(), memory: z.number(), disk: z.number() }).optional(),
  capacity: resourceAmounts.meta({ description: 'All that the node has.' }).optional(),
  reserved: resourceAmounts
    .meta({
      description:
        'Kept from Instances: by the kubelet, by spec.reserved, by pods that Berth does not manage.',
    })
    .optional(),
  used: resourceAmounts
    .extend({ overheadMiB: z.number().min(0).meta({ description: "KubeVirt's memory beside the guests'." }) })
    .meta({ description: 'Claimed by Instances and moves.' })
    .optional(),
  free: resourceAmounts.meta({ description: '(capacity - reserved) * ratio - used, cut at 0.' }).optional(),
  instances: z.int().min(0).meta({ description: 'Claims of Instances and moves on the node.' }).optional(),
  conditions: conditions.optional(),
});

export type ComputeNodeSpec = z.infer<typeof computeNodeSpec>;
export type ComputeNodeStatus = z.infer<typeof computeNodeStatus>;
export interface ComputeNode extends KubeObject {
  spec: ComputeNodeSpec;
  status?: ComputeNodeStatus;
}

export const COMPUTE_NODE = {
  group: 'compute.berth.dev',
  version: 'v1alpha1',
  plural: 'computenodes',
  kind: 'ComputeNode',
  namespaced: false,
};

export const computeNodeKind: KindDefinition = {
  kind: 'ComputeNode',
  plural: 'computenodes',
  singular: 'computenode',
  shortNames: ['cn'],
  scope: 'Cluster',
  description:
    'A node that guests can run on. Made from each Node with the label; its spec is for operators.',
  spec: computeNodeSpec,
  status: computeNodeStatus,
  columns: [
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'Up or Down' },
    { name: 'Reason', type: 'string', jsonPath: '.status.stateReason', description: 'Why', priority: 1 },
    { name: 'Disabled', type: 'boolean', jsonPath: '.spec.disabled', description: 'Kept from new Instances' },
    { name: 'Zone', type: 'string', jsonPath: '.status.availabilityZone', description: 'Availability zone' },
    { name: 'Instances', type: 'integer', jsonPath: '.status.instances', description: 'Claims on the node' },
    {
      name: 'Free vCPUs',
      type: 'number',
      jsonPath: '.status.free.vcpus',
      description: 'vCPUs that can still be claimed',
    },
    {
      name: 'Free MiB',
      type: 'number',
      jsonPath: '.status.free.memoryMiB',
      description: 'Memory that can still be claimed',
    },
    {
      name: 'Free GiB',
      type: 'number',
      jsonPath: '.status.free.diskGiB',
      description: 'Local disk that can still be claimed',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when' },
  ],
};
