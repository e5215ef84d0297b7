import { z } from 'zod';
import {
  amount,
  conditions,
  count,
  observedGeneration,
  resourceAmounts,
  resourcePools,
  time,
} from './common.ts';
import { withRules } from './schema.ts';

/** How much may be promised for each unit of what a node has. */
export const ratio = withRules(z.number().min(0).max(1000), {
  rule: 'self >= 0.01',
  message: 'must be 0.01 to 1000, such as 1, 1.5 or 16; disable the node to keep Instances from it',
  check: (value) => value >= 0.01,
});

export const DOWN_REASONS = [
  'NodeNotReady',
  'NodeUnreachable',
  'NodeDeleted',
  'HeartbeatMissing',
  'HeartbeatStale',
  'KubeVirtNotSchedulable',
] as const;
export type DownReason = (typeof DOWN_REASONS)[number];

/** As many blockers are listed; all are counted. */
export const MOST_BLOCKERS = 32;

export const BLOCKER_REASONS = [
  'NotLiveMigratable',
  'Stopped',
  'WrongState',
  'Locked',
  'MoveFailed',
  'AwaitsConfirmation',
] as const;
export type BlockerReason = (typeof BLOCKER_REASONS)[number];

const maintenanceStatus = z.strictObject({
  since: time.meta({ description: 'When it was first seen to be asked for.' }),
  left: count.meta({ description: 'Instances that hold a place here.' }),
  moving: count.meta({ description: 'Of these, how many are on their way.' }),
  waiting: count.meta({
    description: 'Of these, how many have their turn to come, or another operation to end.',
  }),
  blocked: count.meta({ description: 'Of these, how many stay unless somebody does something.' }),
  blockers: z
    .array(
      z.strictObject({
        instance: z.string().max(317).meta({ description: 'namespace/name.' }),
        reason: z.enum(BLOCKER_REASONS).meta({ description: 'Why it stays.' }),
        message: z.string().max(512).meta({ description: 'The same in words, with what to do.' }),
      }),
    )
    .max(MOST_BLOCKERS)
    .meta({ description: 'Those that stay, by name, the first of them.' }),
});
export type MaintenanceStatus = z.infer<typeof maintenanceStatus>;

export const computeNodeStatus = z.strictObject({
  observedGeneration,
  state: z.enum(['Up', 'Down']).meta({ description: 'Can guests be started on it.' }).optional(),
  stateReason: z
    .enum(['Reporting', ...DOWN_REASONS])
    .meta({ description: 'Why it is Up or Down.' })
    .optional(),
  stateMessage: z.string().max(1024).meta({ description: 'The same in words.' }).optional(),
  stateSince: time.meta({ description: 'Since when the state is what it is.' }).optional(),
  availabilityZone: z
    .string()
    .max(63)
    .meta({ description: "Of its HostAggregate; else the Node's label topology.kubernetes.io/zone." })
    .optional(),
  hypervisor: z
    .strictObject({
      type: z.string().max(63).meta({ description: 'QEMU, or what else runs the guests.' }),
      architecture: z.string().max(63).meta({ description: 'Of the node, such as amd64.' }),
      cpuModel: z.string().max(128).meta({ description: "KubeVirt's host model of the CPU." }).optional(),
      kubeletVersion: z.string().max(64).meta({ description: 'Version of the kubelet.' }).optional(),
    })
    .meta({ description: 'What runs guests there.' })
    .optional(),
  allocationRatios: z
    .strictObject({
      cpu: ratio.meta({ description: 'vCPUs promised for each CPU.' }),
      memory: ratio.meta({ description: 'Memory promised for each byte.' }),
      disk: ratio.meta({ description: 'Local disk promised for each byte.' }),
    })
    .meta({ description: 'The ratios in force.' })
    .optional(),
  capacity: resourceAmounts.meta({ description: 'All that the node has.' }).optional(),
  reserved: resourceAmounts
    .meta({
      description:
        'Kept from Instances: by the kubelet, by spec.reserved, by pods that Berth does not manage.',
    })
    .optional(),
  used: resourceAmounts
    .extend({
      overheadMiB: amount.meta({
        description: "KubeVirt's memory beside the guests', and that of guests with dedicated CPUs.",
      }),
      dedicatedCpus: count.meta({ description: "CPUs that are one guest's alone each." }).optional(),
    })
    .meta({ description: 'Claimed by Instances and moves.' })
    .optional(),
  free: resourceAmounts.meta({ description: '(capacity - reserved) * ratio - used, cut at 0.' }).optional(),
  devices: resourcePools
    .meta({ description: 'Devices that KubeVirt passes through, by resource name.' })
    .optional(),
  hugepages: resourcePools.meta({ description: 'Huge pages by resource name, in pages.' }).optional(),
  launcherPods: resourceAmounts
    .extend({
      count: count.meta({ description: 'How many there are that are not over.' }),
      withoutClaim: count.meta({
        description: 'How many of them have no claim here: 0, or something is wrong.',
      }),
    })
    .meta({
      description:
        "What the guests' pods on the node ask Kubernetes for, to be held against used: docs/accounting.md says why they differ. Renewed every 10 s at most.",
    })
    .optional(),
  maintenance: maintenanceStatus
    .meta({ description: 'How far a maintenance is; absent when it is not in one.' })
    .optional(),
  instances: count.meta({ description: 'Claims of Instances and moves on the node.' }).optional(),
  conditions: conditions.optional(),
});
