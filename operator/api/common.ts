import { z } from 'zod';
import { matching, withRules } from './schema.ts';

const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Names of objects, in what Berth writes: DNS subdomains. */
export const objectName = z.string().min(1).max(253).regex(OBJECT_NAME);

/** Names of namespaces, in what Berth writes: DNS labels. */
export const dnsLabel = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** Names of objects, in what users write: the same, with an error that helps. */
export const referredName = withRules(
  z.string().max(253),
  matching(
    OBJECT_NAME,
    "must be the name of an object: lower-case letters, digits, '-' and '.', with a letter or digit first and last, such as web-1",
  ),
);

/** A reference by name, in the same namespace (or to a cluster-scoped kind). */
export const nameRef = z.strictObject({
  name: referredName.meta({ description: 'Name of the object that is referred to.' }),
});

/** Availability zones are values of a Node's label, hence of its form. */
export const zoneName = withRules(
  z.string().max(63),
  matching(
    /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    "must be one zone as in the nodes' label topology.kubernetes.io/zone: letters, digits, '-', '_' and '.', such as zone-a",
  ),
);

/** How many of something; wider than any cluster. */
export const count = z.int().min(0).max(1_000_000_000);

/** An amount that need not be whole. */
export const amount = z.number().min(0).max(1_000_000_000_000);

/** A weigher's figure: free bytes, a load, or minus either. */
export const figure = z.number().min(-1e18).max(1e18);

/** The generation of metadata that a status was worked out from. */
const generation = z.int().min(0);

export const observedGeneration = generation
  .meta({ description: 'metadata.generation that this status was worked out from.' })
  .optional();

/** User names as the API server knows them; longer ones are cut off. */
export const MOST_OF_A_USER_NAME = 256;
export const requestedBy = z.string().max(MOST_OF_A_USER_NAME).meta({
  description:
    'User that asked for it: who made the object, or who changed the spec last. Absent where admission did not see that.',
});

/** An instant in UTC, RFC 3339. */
export const time = z.iso.datetime();

export const condition = z.strictObject({
  type: z.string().min(1).max(63).meta({ description: 'Name of the condition; there is one of each.' }),
  status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Does it hold.' }),
  reason: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z][A-Za-z0-9]*$/)
    .meta({ description: 'CamelCase; the list is at the end of this page.' }),
  message: z.string().max(4096).meta({ description: 'The same in words, with what to do.' }),
  lastTransitionTime: time.meta({ description: 'When status last changed.' }),
  observedGeneration: generation
    .meta({ description: 'metadata.generation that the condition speaks of.' })
    .optional(),
});
export type Condition = z.infer<typeof condition>;

export const conditions = z
  .array(condition)
  .max(16)
  .meta({
    description: 'Ready, Reconciling and Stalled as kstatus reads them, and those of the kind.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });

/** Amounts on one host, in the units of Nova's Placement. */
export const resourceAmounts = z.strictObject({
  vcpus: amount.meta({ description: 'Virtual CPUs.' }),
  memoryMiB: amount.meta({ description: 'Memory in MiB.' }),
  diskGiB: amount.meta({ description: 'Local disk in GiB.' }),
});
export type ResourceAmounts = z.infer<typeof resourceAmounts>;

export const requestId = z
  .string()
  .max(40)
  .regex(/^req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

const MAX_ENTRIES = 64;

/** A map of short texts, such as extra specs. */
export const textMap = withRules(
  z
    .record(z.string(), z.string().max(255))
    .refine((map) => Object.keys(map).length <= MAX_ENTRIES, { error: `at most ${MAX_ENTRIES} entries` })
    .meta({ maxProperties: MAX_ENTRIES }),
  {
    rule: 'self.all(key, key.size() > 0 && key.size() <= 255)',
    message: 'keys have 1 to 255 characters: shorten the key, or give it a name',
    check: (map) => Object.keys(map).every((key) => key.length > 0 && key.length <= 255),
  },
);

const MOST_COUNTED = 32;

/** Of things that Berth writes, by Kubernetes' name of the resource. */
function byResource<T extends z.ZodType>(value: T) {
  return withRules(
    z
      .record(z.string(), value)
      .refine((map) => Object.keys(map).length <= MOST_COUNTED, { error: `at most ${MOST_COUNTED} entries` })
      .meta({ maxProperties: MOST_COUNTED }),
    {
      rule: 'self.all(key, key.size() > 0 && key.size() <= 253)',
      message: 'keys are names of resources, such as example.com/gpu',
      check: (map) => Object.keys(map).every((key) => key.length > 0 && key.length <= 253),
    },
  );
}

/** So many of each. */
export const resourceCounts = byResource(count);

/** What a node gives out whole, and what of it is claimed. */
export const resourcePools = byResource(
  z.strictObject({
    total: count.meta({ description: 'For Instances: without what other pods hold.' }),
    used: count.meta({ description: 'Claimed by Instances and moves.' }),
  }),
);
