import { z } from 'zod';
import { withRules } from './schema.ts';

/** Kubernetes object names that are also DNS labels: at most 63 characters, no dots. */
export const dnsLabel = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** Names of objects: DNS subdomains. */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);

/** A reference by name, in the same namespace (or to a cluster-scoped kind). */
export const nameRef = z.strictObject({
  name: objectName.meta({ description: 'Name of the object that is referred to.' }),
});

/** A non-negative amount of bytes as a Kubernetes quantity, such as `512Mi` or `20Gi`. */
export const byteQuantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/);

export const condition = z.strictObject({
  type: z.string().max(63),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().min(1).max(128),
  message: z.string().max(4096),
  lastTransitionTime: z.iso.datetime(),
  observedGeneration: z.int().min(0).optional(),
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
  vcpus: z.number().min(0).meta({ description: 'Virtual CPUs.' }),
  memoryMiB: z.number().min(0).meta({ description: 'Memory in MiB.' }),
  diskGiB: z.number().min(0).meta({ description: 'Local disk in GiB.' }),
});
export type ResourceAmounts = z.infer<typeof resourceAmounts>;

export const requestId = z
  .string()
  .max(40)
  .regex(/^req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** A map of short texts, such as extra specs. */
export const textMap = withRules(
  z.record(z.string().max(255), z.string().max(255)).meta({ maxProperties: 64 }),
  {
    rule: 'self.all(key, key.size() > 0 && key.size() <= 255)',
    message: 'keys have 1 to 255 characters: shorten the key',
    check: (map) => Object.keys(map).every((key) => key.length > 0 && key.length <= 255),
  },
);
