import { z } from 'zod';
import { dnsLabel, nameRef, referredName } from './common.ts';
import { instanceSpec } from './instance-spec.ts';
import { type Rule, withRules } from './schema.ts';

/** As many nodes as one probe is asked about. */
export const MOST_NODES_ASKED = 16;

const shape = {
  instance: instanceSpec.meta({
    description: "An Instance's spec that is not created: would it fit, and why.",
  }),
  instanceRef: nameRef.meta({
    description: 'An Instance that there is: where else could it go, and could it stay where it is.',
  }),
  flavors: z
    .strictObject({
      names: z
        .array(referredName)
        .max(64)
        .meta({ description: 'Of these Flavors; all if absent.' })
        .optional(),
    })
    .meta({ description: 'How many more Instances of each Flavor fit. `{}` asks for all Flavors.' }),
  ttlSeconds: z
    .int()
    .min(1)
    .max(30 * 24 * 3600)
    .meta({ description: 'Deleted so long after it was answered; kept if absent.' }),
};

const question = {
  instance: shape.instance.optional(),
  instanceRef: shape.instanceRef.optional(),
  flavors: shape.flavors.optional(),
  ttlSeconds: shape.ttlSeconds.optional(),
};

type Question = z.infer<z.ZodObject<typeof question>>;

const ONE_QUESTION: Rule<Question> = {
  rule: '[has(self.instance), has(self.instanceRef), has(self.flavors)].filter(given, given).size() == 1',
  message: 'a probe asks one thing: give exactly one of instance, instanceRef and flavors',
  check: ({ instance, instanceRef, flavors }) =>
    [instance, instanceRef, flavors].filter((given) => given !== undefined).length === 1,
};

/** An owner must not learn about nodes one by one. */
const NO_NODE: Rule<Question> = {
  rule: '!has(self.instance) || !has(self.instance.nodeName)',
  message:
    'a probe answers for all nodes: remove instance.nodeName; an operator asks about some with nodeNames of a ClusterPlacementProbe',
  fieldPath: '.instance.nodeName',
  check: ({ instance }) => instance?.nodeName === undefined,
};

const unchanged = (kind: string): Rule<unknown> => ({
  rule: 'self == oldSelf',
  message: `a ${kind} cannot be changed, it asks once: create another one`,
});

export const placementProbeSpec = withRules(
  z.strictObject(question),
  ONE_QUESTION,
  NO_NODE,
  unchanged('PlacementProbe'),
);

export const clusterPlacementProbeSpec = withRules(
  z.strictObject({
    ...question,
    namespace: dnsLabel
      .meta({ description: 'Namespace of the Instance; needed with instance and instanceRef.' })
      .optional(),
    nodeNames: z
      .array(referredName)
      .max(MOST_NODES_ASKED)
      .meta({ description: 'Of each of these: why not, or what place among those that fit.' })
      .optional(),
  }),
  ONE_QUESTION,
  NO_NODE,
  {
    rule: 'has(self.flavors) || has(self.namespace)',
    message: "namespace is missing: name the Instance's, such as default",
    check: ({ flavors, namespace }) => flavors !== undefined || namespace !== undefined,
  },
  unchanged('ClusterPlacementProbe'),
);
