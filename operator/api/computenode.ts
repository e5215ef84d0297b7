import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { time } from './common.ts';
import { computeNodeStatus, ratio } from './computenode-status.ts';
import { GROUP, VERSION } from './constants.ts';
import { AGE_COLUMN, type KindDefinition } from './kind.ts';
import { byteQuantity } from './quantity.ts';
import { withRules } from './schema.ts';

export { computeNodeStatus, DOWN_REASONS, type DownReason } from './computenode-status.ts';

const kept = byteQuantity({ min: '0', max: '1Pi' });

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
    maintenance: z
      .strictObject({
        enabled: z
          .boolean()
          .meta({
            description:
              'No new Instances are placed here, and those that are here are moved away. Set back to false, what moves goes on, and no more is begun.',
          })
          .default(false),
        reason: z.string().max(255).meta({ description: 'Why; shown in refusals.' }).optional(),
        allowColdMigration: z
          .boolean()
          .meta({
            description:
              'Instances that cannot move while they run, or that are off, are shut down and moved; otherwise they are listed as blockers.',
          })
          .default(false),
        maxConcurrent: z
          .int()
          .min(1)
          .max(100)
          .meta({ description: "Moves at once; else the operator's setting maintenance-moves." })
          .optional(),
      })
      .meta({ description: 'Empties the node.' })
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
        memory: kept.meta({ description: 'Memory kept from Instances.' }).optional(),
        disk: kept.meta({ description: 'Local disk kept from Instances.' }).optional(),
      })
      .meta({
        description:
          'Kept from Instances, beside what the node keeps for itself and what other pods ask for.',
      })
      .optional(),
    fenced: z
      .strictObject({
        reason: z
          .string()
          .min(1)
          .max(255)
          .meta({ description: 'How it is known that the node is off, such as: power cut through its BMC.' }),
        by: z.string().max(253).meta({ description: 'Who says so. Set at admission.' }).optional(),
        at: time.meta({ description: 'When it was said. Set at admission.' }).optional(),
      })
      .meta({
        description:
          "An operator's word that the node, which is Down, is off: guests that ran there may be started elsewhere. Needs the verb fence on computenodes. Holds for this outage; Berth takes it away when the node is back.",
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

export type ComputeNodeSpec = z.infer<typeof computeNodeSpec>;
export type ComputeNodeStatus = z.infer<typeof computeNodeStatus>;
export interface ComputeNode extends KubeObject {
  spec: ComputeNodeSpec;
  status?: ComputeNodeStatus;
}

export const COMPUTE_NODE = {
  group: GROUP,
  version: VERSION,
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
  conditions: [
    {
      type: 'Ready',
      description: 'Guests can be started on the node.',
      reasons: {
        Reporting: 'The kubelet and virt-handler report, and KubeVirt calls the node schedulable.',
        NodeNotReady: "The Node's condition Ready is False: look at the kubelet.",
        NodeUnreachable: "The Node's condition Ready is Unknown: the kubelet stopped reporting.",
        NodeDeleted: 'The Node is gone, or lost the label that makes it a ComputeNode.',
        HeartbeatMissing: 'virt-handler never reported: see whether its pod runs on the node.',
        HeartbeatStale: 'virt-handler stopped reporting.',
        KubeVirtNotSchedulable: 'KubeVirt set the label kubevirt.io/schedulable to false.',
      },
    },
    {
      type: 'WithinCapacity',
      description: 'What is claimed is no more than the node has to give.',
      reasons: {
        Fits: 'Claims are within (capacity - reserved) * ratio.',
        Overcommitted:
          'More is claimed than that: other pods came, a ratio was lowered, or a ledger was restored. Nothing is placed there until it fits; migrate Instances away.',
      },
    },
    {
      type: 'Drained',
      description:
        'In maintenance, no Instance holds a place on the node; absent when it is not in maintenance.',
      reasons: {
        Empty: 'Nothing of Berth is left on it.',
        Moving: 'Instances are moved away.',
        Blocked:
          'Instances are left that are not moved: status.maintenance.blockers says why, and what to do.',
      },
    },
  ],
  columns: [
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'Up or Down' },
    { name: 'Reason', type: 'string', jsonPath: '.status.stateReason', description: 'Why', priority: 1 },
    { name: 'Disabled', type: 'boolean', jsonPath: '.spec.disabled', description: 'Kept from new Instances' },
    {
      name: 'Drained',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Drained")].reason',
      description: 'How far a maintenance is',
    },
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
    AGE_COLUMN,
  ],
};
