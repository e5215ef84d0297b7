import { z } from 'zod';
import { count, figure, objectName, requestId, time } from './common.ts';

const reasonCount = z.strictObject({
  reason: z.string().max(63).meta({ description: 'CamelCase reason of the filter.' }),
  count: count.meta({ description: 'Hosts turned away for it.' }),
});

const filterResult = z.strictObject({
  name: z.string().max(63).meta({ description: 'Name of the filter.' }),
  passed: count.meta({ description: 'Hosts that were left after it.' }),
  rejected: z.array(reasonCount).max(16).meta({ description: 'Hosts that it turned away, by reason.' }),
});

const weigherResult = z.strictObject({
  name: z.string().max(63).meta({ description: 'Name of the weigher.' }),
  raw: figure.meta({ description: 'Its figure for the host.' }),
  normalised: figure.meta({ description: 'The same from 0 to 1 among all hosts.' }),
});

const excludedNode = z.strictObject({
  nodeName: objectName.meta({ description: 'Node that refused.' }),
  message: z.string().max(1024).meta({ description: 'Why.' }),
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
    .max(32)
    .meta({ description: 'What each filter did, in the order that they ran.' })
    .optional(),
  weight: figure.meta({ description: 'Total weight of the chosen host.' }).optional(),
  weighers: z.array(weigherResult).max(32).meta({ description: 'Figures of the chosen host.' }).optional(),
  alternates: count.meta({ description: 'How many other hosts could have taken it.' }).optional(),
  attempt: z.int().min(1).max(1000).meta({ description: '1 for the first host that was tried.' }).optional(),
  excluded: z
    .array(excludedNode)
    .max(8)
    .meta({ description: 'Nodes that refused this request, and why.' })
    .optional(),
});
export type Placement = z.infer<typeof placement>;
