import { z } from 'zod';
import { conditions, count, figure, objectName, observedGeneration, requestId, time } from './common.ts';
import { flavorCapacity } from './flavor.ts';
import { AGE_COLUMN, type ConditionDefinition, type PrinterColumn } from './kind.ts';
import { filterResult, MOST_FILTERS, MOST_WEIGHERS, weigherResult } from './placement.ts';
import { MOST_NODES_ASKED } from './probe-question.ts';

/** How much of an answer is kept, whatever the size of the fleet. */
export const MOST_FLAVORS = 100;
export const MOST_BEST = 10;
/** Resources that one host is said to lack. */
export const MOST_MISSING = 16;
export const MOST_MISSES = 3;
export const MOST_NODES_PER_FLAVOR = 20;
export const LONGEST_DETAIL = 512;

const refusal = z.strictObject({
  filter: z.string().max(63).meta({ description: 'Name of the filter.' }),
  reason: z.string().max(63).meta({ description: 'Its CamelCase reason.' }),
});

const detail = z.string().max(LONGEST_DETAIL).meta({ description: 'The same in words.' }).optional();

const missing = z
  .array(
    z.strictObject({
      resource: z.string().max(253).meta({
        description: "What is short: `vcpus`, `memory`, `disk`, or Kubernetes' name of the resource.",
      }),
      amount: figure.meta({ description: 'By how much.' }),
      unit: z.enum(['vCPU', 'MiB', 'GiB', 'device', 'page']).meta({ description: 'Unit of the amount.' }),
    }),
  )
  .max(MOST_MISSING)
  .meta({ description: 'What is missing, where it can be measured.' })
  .optional();

const flavorFits = flavorCapacity.extend({ name: objectName.meta({ description: 'Name of the Flavor.' }) });

const answer = {
  observedGeneration,
  requestId: requestId.meta({ description: 'Under which the log tells of it.' }).optional(),
  time: time.meta({ description: 'When it was answered; the answer holds for that moment.' }).optional(),
  profile: z.string().max(63).meta({ description: 'Scheduler profile that decided.' }).optional(),
  hosts: count.meta({ description: 'How many hosts were considered.' }).optional(),
  fits: count.meta({ description: 'How many of them could take it.' }).optional(),
  availabilityZone: z.string().max(63).meta({ description: 'Zone of the best of them.' }).optional(),
  filters: z
    .array(filterResult)
    .max(MOST_FILTERS)
    .meta({ description: 'What each filter did, in the order that they ran.' })
    .optional(),
  current: z
    .strictObject({
      nodeName: objectName.meta({ description: 'Node that the Instance is on, or is kept a place on.' }),
      refusals: z
        .array(refusal)
        .max(MOST_FILTERS)
        .meta({ description: 'What would turn it away there today, its own claim left aside.' }),
    })
    .meta({ description: 'Of an Instance that has a node: could it stay.' })
    .optional(),
  flavors: z
    .array(flavorFits)
    .max(MOST_FLAVORS)
    .meta({ description: 'How many more of each Flavor fit, the first 100 by name.' })
    .optional(),
  flavorCount: count.meta({ description: 'How many Flavors were asked for.' }).optional(),
  conditions: conditions.optional(),
};

const standing = {
  weight: figure.meta({ description: 'Total weight.' }).optional(),
  weighers: z.array(weigherResult).max(MOST_WEIGHERS).meta({ description: 'Its figures.' }).optional(),
};

export const VERDICTS = ['Fits', 'Refused', 'Stays', 'Unknown'] as const;

const nodeVerdict = z.strictObject({
  nodeName: objectName.meta({ description: 'Node that was asked about.' }),
  verdict: z.enum(VERDICTS).meta({
    description:
      'Fits, or Refused; Stays: it is on the node and could stay. Unknown: no ComputeNode, or not yet one with a ledger.',
  }),
  rank: z
    .int()
    .min(1)
    .max(1_000_000)
    .meta({ description: 'Its place by weight among those that fit, 1 for the best.' })
    .optional(),
  ...standing,
  filters: z
    .array(
      z.strictObject({
        name: z.string().max(63).meta({ description: 'Name of the filter.' }),
        reason: z.string().max(63).meta({ description: 'Why it refuses; absent: it does not.' }).optional(),
        detail,
        missing,
      }),
    )
    .max(MOST_FILTERS)
    .meta({ description: 'Every filter that has a say, also after one that refuses.' })
    .optional(),
});

export const placementProbeStatus = z.strictObject(answer);

export const clusterPlacementProbeStatus = z.strictObject({
  ...answer,
  nodeName: objectName.meta({ description: 'Where it would go; absent if nowhere.' }).optional(),
  best: z
    .array(z.strictObject({ nodeName: objectName.meta({ description: 'Name of the node.' }), ...standing }))
    .max(MOST_BEST)
    .meta({ description: 'The best hosts in order: where it would go, and the alternates.' })
    .optional(),
  nearestMisses: z
    .array(
      refusal.extend({
        nodeName: objectName.meta({ description: 'Node that this filter alone refuses.' }),
        detail,
        missing,
      }),
    )
    .max(MOST_MISSES)
    .meta({ description: 'Where nothing fits: the hosts that came closest.' })
    .optional(),
  nodes: z
    .array(nodeVerdict)
    .max(MOST_NODES_ASKED)
    .meta({ description: 'Of each node in spec.nodeNames.' })
    .optional(),
  flavors: z
    .array(
      flavorFits.extend({
        nodes: z
          .array(
            z.strictObject({
              nodeName: objectName.meta({ description: 'Name of the node.' }),
              fits: count.meta({ description: 'How many fit there, the root disk on a volume.' }),
              fitsEphemeralRoot: count.meta({ description: 'How many fit there with an ephemeral root.' }),
            }),
          )
          .max(MOST_NODES_PER_FLAVOR)
          .meta({ description: 'Those of spec.nodeNames; else the 20 with the most room.' }),
      }),
    )
    .max(MOST_FLAVORS)
    .meta({ description: 'How many more of each Flavor fit, the first 100 by name.' })
    .optional(),
});

export const PROBE_CONDITIONS: ConditionDefinition[] = [
  {
    type: 'Ready',
    description: 'It is answered. The answer is of that moment and stays what it is.',
    reasons: {
      Answered: 'The status has the answer.',
      FlavorNotFound: 'A Flavor that is asked about does not exist; it is answered once it does.',
      InstanceNotFound: 'The Instance, or one of a hint, does not exist; it is answered once it does.',
      ImageNotFound: 'spec.instance.imageRef names no Image; it is answered once there is one.',
      ServerGroupNotFound:
        'spec.instance.serverGroupRef names no ServerGroup; it is answered once there is one.',
      SchedulerProfileNotFound:
        'The SchedulerProfile that is chosen does not exist; it is answered once it does.',
      SchedulerProfileNotUsable: 'The SchedulerProfile that is chosen is a shadow, or was never valid.',
      InvalidSpec: 'Such an Instance cannot be: the message says what to change.',
    },
  },
  {
    type: 'Fits',
    description: 'At least one host could take it; for Flavors, absent.',
    reasons: {
      HostsLeft: 'Some hosts pass every filter.',
      NoValidHost: 'No host passes every filter; the message counts who was turned away by which.',
    },
  },
];

const condition = (type: string, field: string) => `.status.conditions[?(@.type=="${type}")].${field}`;

export const PROBE_COLUMNS: PrinterColumn[] = [
  {
    name: 'Fits',
    type: 'string',
    jsonPath: condition('Fits', 'status'),
    description: 'Could a host take it',
  },
  { name: 'Hosts left', type: 'integer', jsonPath: '.status.fits', description: 'Hosts that could take it' },
  { name: 'Of', type: 'integer', jsonPath: '.status.hosts', description: 'Hosts considered' },
  { name: 'Zone', type: 'string', jsonPath: '.status.availabilityZone', description: 'Zone of the best' },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: condition('Ready', 'reason'),
    description: 'Is it answered, or why not',
  },
  {
    name: 'Message',
    type: 'string',
    jsonPath: condition('Ready', 'message'),
    description: 'The answer in words',
    priority: 1,
  },
  AGE_COLUMN,
];
