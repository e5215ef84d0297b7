import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import {
  conditions,
  count,
  objectName,
  observedGeneration,
  referredName,
  requestId,
  time,
} from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import { AGE_COLUMN, type KindDefinition } from './kind.ts';
import { MOST_EXCLUDED } from './placement.ts';
import { ANY_VALUE, withRules } from './schema.ts';

export const PROFILE_MODES = ['Active', 'Shadow'] as const;

/** As many requests as a shadow's status names. */
export const MAX_LAST_DIFFERING = 10;
/** As many reasons as a shadow's status counts, the most frequent ones. */
export const MAX_SHADOW_REASONS = 32;

const args = z
  .record(z.string(), z.unknown().meta({ [ANY_VALUE]: true, description: 'Its value.' }))
  .refine((map) => Object.keys(map).length <= 16, { error: 'at most 16 arguments' })
  .meta({ maxProperties: 16 });

/** CEL cannot look into values of any type: names and values are checked by the operator, which says what is wrong. */
const argsOf = (what: string) =>
  args.meta({
    ...args.meta(),
    description: `Arguments that differ from the ${what}'s defaults: see the page Filters and weighers.`,
  });

const pluginName = z.string().min(1).max(63);

const filter = z.strictObject({
  name: pluginName.meta({ description: 'Name of the filter.' }),
  args: argsOf('filter').optional(),
});

const weigher = z.strictObject({
  name: pluginName.meta({ description: 'Name of the weigher.' }),
  multiplier: z
    .number()
    .min(-1_000_000_000)
    .max(1_000_000_000)
    .meta({
      description:
        "How much it counts (Nova's *_weight_multiplier); a negative one turns it round. The aggregates' metadata go before.",
    })
    .optional(),
  args: argsOf('weigher').optional(),
});

const namedOnce = (list: readonly { name: string }[]) =>
  new Set(list.map(({ name }) => name)).size === list.length;

/** In order, each once. */
const pluginList = <T extends z.ZodType<{ name: string }>>(plugin: T) =>
  z
    .array(plugin)
    .max(64)
    .refine(namedOnce, { error: 'a name is there twice: remove one of the two' })
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] });

export const schedulerProfileSpec = withRules(
  z.strictObject({
    mode: z
      .enum(PROFILE_MODES)
      .meta({
        description:
          'Active: Instances can be scheduled by it. Shadow: it decides alongside another one, claims nothing, and tells in its status where it would have chosen otherwise.',
      })
      .default('Active'),
    shadowOf: referredName
      .meta({
        description: 'Of a shadow: the SchedulerProfile that it decides alongside; `default` if absent.',
      })
      .optional(),
    filters: pluginList(filter)
      .meta({
        description:
          "Filters in the order in which they run; the operator's own if absent. Those that keep nodes from being over-committed or forbidden ones from being chosen run in any case.",
      })
      .optional(),
    weighers: pluginList(weigher)
      .meta({ description: "Weighers in the order in which they are summed; the operator's own if absent." })
      .optional(),
    hostSubsetSize: z
      .int()
      .min(1)
      .max(1000)
      .meta({ description: "Chance chooses among so many best nodes (Nova's host_subset_size)." })
      .default(1),
    shuffleBestSameWeighedHosts: z
      .boolean()
      .meta({
        description:
          "Chance chooses among all nodes of the best weight, in place of the order of names (Nova's shuffle_best_same_weighed_hosts).",
      })
      .default(false),
    buildFailurePenalty: z
      .number()
      .min(0)
      .max(1_000_000_000)
      .meta({
        description:
          "Weight that a node with failed builds loses (Nova's build_failure_weight_multiplier, 1000000); goes before the multiplier of BuildFailureWeigher, and stands for it where weighers leave it out.",
      })
      .optional(),
    maxAttempts: z
      .int()
      .min(1)
      .max(MOST_EXCLUDED)
      .meta({
        description: "Nodes tried for one request (Nova's max_attempts); the operator's setting if absent.",
      })
      .optional(),
    alternates: z
      .int()
      .min(0)
      .max(20)
      .meta({ description: 'Nodes named after the chosen one, to be tried in turn.' })
      .default(4),
  }),
  {
    rule: "!has(self.shadowOf) || self.mode == 'Shadow'",
    message: 'shadowOf is for mode Shadow alone: remove it, or set mode: Shadow',
    fieldPath: '.shadowOf',
    check: ({ mode, shadowOf }) => shadowOf === undefined || mode === 'Shadow',
  },
);

export const SHADOW_REASONS = ['OtherHost', 'NoValidHost', 'WouldPlace'] as const;

const shadowReason = z.strictObject({
  reason: z.enum(SHADOW_REASONS).meta({ description: 'What came out otherwise.' }),
  by: z.string().max(63).meta({ description: 'The filter or weigher that made the difference.' }),
  count: count.meta({ description: 'How many decisions.' }),
});

const differing = z.strictObject({
  requestId: requestId.meta({ description: 'Request that was decided.' }),
  host: objectName.meta({ description: 'Node that was chosen; absent if none was.' }).optional(),
  shadowHost: objectName.meta({ description: 'Node that it would have chosen; absent if none.' }).optional(),
});

export const shadowStatus = z.strictObject({
  since: time.meta({ description: 'When this version of the profile began to be counted.' }),
  decisions: count.meta({ description: 'Decisions made alongside.' }),
  differing: count.meta({ description: 'How many of them came out otherwise.' }),
  byReason: z
    .array(shadowReason)
    .max(MAX_SHADOW_REASONS)
    .meta({ description: 'The same by reason, the most frequent first.' }),
  lastDiffering: z
    .array(differing)
    .max(MAX_LAST_DIFFERING)
    .meta({ description: 'The last of them, the newest first.' }),
});

const schedulerProfileStatus = z.strictObject({
  observedGeneration,
  shadow: shadowStatus
    .meta({ description: 'Of a shadow: how it would have decided. Written every 30 s at most.' })
    .optional(),
  conditions: conditions.optional(),
});

export type SchedulerProfileSpec = z.infer<typeof schedulerProfileSpec>;
export type SchedulerProfileStatus = z.infer<typeof schedulerProfileStatus>;
export type ShadowStatus = z.infer<typeof shadowStatus>;
export interface SchedulerProfile extends KubeObject {
  spec: SchedulerProfileSpec;
  status?: SchedulerProfileStatus;
}

export const SCHEDULER_PROFILE = {
  group: GROUP,
  version: VERSION,
  plural: 'schedulerprofiles',
  kind: 'SchedulerProfile',
  namespaced: false,
};

export const schedulerProfileKind: KindDefinition = {
  kind: 'SchedulerProfile',
  plural: 'schedulerprofiles',
  singular: 'schedulerprofile',
  shortNames: ['sp'],
  scope: 'Cluster',
  description:
    'How nodes are chosen: filters and weighers with their arguments. An Instance names one in spec.schedulerProfile, or its namespace does in the label compute.berth.dev/scheduler-profile; else the one named default counts, if there is one.',
  spec: schedulerProfileSpec,
  status: schedulerProfileStatus,
  conditions: [
    {
      type: 'Ready',
      description: 'It can be scheduled by, as it is written.',
      reasons: {
        InForce: 'Instances that choose it are scheduled by it.',
        InShadow: 'It decides alongside the profile that it shadows.',
        InvalidProfile:
          'A filter, a weigher or an argument is not known: the message names the fields. Until it is mended its last valid version counts, if this operator saw one; else those who choose it wait.',
      },
    },
  ],
  columns: [
    { name: 'Mode', type: 'string', jsonPath: '.spec.mode', description: 'Does it decide, or watch' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Is it valid',
    },
    {
      name: 'Decisions',
      type: 'integer',
      jsonPath: '.status.shadow.decisions',
      description: 'Made alongside',
    },
    {
      name: 'Differing',
      type: 'integer',
      jsonPath: '.status.shadow.differing',
      description: 'Came out otherwise',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'Why it is not valid',
      priority: 1,
    },
    AGE_COLUMN,
  ],
};
