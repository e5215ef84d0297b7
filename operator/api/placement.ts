import { z } from 'zod';
import { count, figure, objectName, requestId, time } from './common.ts';

/** How much of a decision is kept, whatever the size of the fleet and of its profile. */
export const MOST_FILTERS = 48;
export const MOST_WEIGHERS = 32;
export const MOST_REASONS = 16;
export const MOST_EXCLUDED = 8;

const reasonCount = z.strictObject({
  reason: z.string().max(63).meta({ description: 'CamelCase reason of the filter.' }),
  count: count.meta({ description: 'Hosts turned away for it.' }),
});

export const filterResult = z.strictObject({
  name: z.string().max(63).meta({ description: 'Name of the filter.' }),
  passed: count.meta({ description: 'Hosts that were left after it.' }),
  rejected: z
    .array(reasonCount)
    .max(MOST_REASONS)
    .meta({ description: 'Hosts that it turned away, by reason, the most frequent first.' }),
});
export type FilterResult = z.infer<typeof filterResult>;

export const weigherResult = z.strictObject({
  name: z.string().max(63).meta({ description: 'Name of the weigher.' }),
  raw: figure.meta({ description: 'Its figure for the host.' }),
  normalised: figure.meta({ description: 'The same from 0 to 1 among all hosts that are left.' }),
  multiplier: figure
    .meta({ description: 'Times normalised, it is what the weigher adds to the weight.' })
    .optional(),
});
export type WeigherResult = z.infer<typeof weigherResult>;

const excludedNode = z.strictObject({
  nodeName: objectName.meta({ description: 'Node that refused.' }),
  message: z.string().max(1024).meta({ description: 'Why.' }),
  time: time.meta({ description: 'When.' }).optional(),
});

/** A scheduling decision as an Instance keeps it: bounded, and without other hosts' names and figures. */
export const placement = z.strictObject({
  nodeName: objectName.meta({ description: 'The chosen node; absent if there is none.' }).optional(),
  availabilityZone: z.string().max(63).meta({ description: "The chosen node's zone." }).optional(),
  requestId: requestId.meta({ description: 'Request that asked for the decision.' }).optional(),
  time: time.meta({ description: 'When it was decided.' }).optional(),
  profile: z.string().max(63).meta({ description: 'Scheduler profile that decided.' }).optional(),
  hosts: count.meta({ description: 'How many hosts were considered.' }).optional(),
  filters: z
    .array(filterResult)
    .max(MOST_FILTERS)
    .meta({ description: 'What each filter did, in the order that they ran.' })
    .optional(),
  weight: figure.meta({ description: 'Total weight of the chosen host.' }).optional(),
  rank: z
    .int()
    .min(1)
    .max(100_000)
    .meta({ description: 'Its place by weight: 1, unless the profile draws among the best.' })
    .optional(),
  weighers: z
    .array(weigherResult)
    .max(MOST_WEIGHERS)
    .meta({ description: 'Figures of the chosen host.' })
    .optional(),
  alternates: count.meta({ description: 'How many other hosts could have taken it.' }).optional(),
  attempt: z
    .int()
    .min(1)
    .max(1000)
    .meta({ description: 'Which attempt of the request it is for: 1 for the first host that was tried.' })
    .optional(),
  excluded: z
    .array(excludedNode)
    .max(MOST_EXCLUDED)
    .meta({ description: 'Nodes that refused this request, and why.' })
    .optional(),
});
export type Placement = z.infer<typeof placement>;
