import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { conditions, count, observedGeneration, textMap, time } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import { EXTRA_SPEC_RULES, wholePages } from './extra-specs.ts';
import { AGE_COLUMN, type KindDefinition } from './kind.ts';
import { byteQuantity, quantityBytes } from './quantity.ts';
import { withRules } from './schema.ts';

const disk = byteQuantity({ min: '0', max: '64Ti' });

export const flavorSpec = withRules(
  z.strictObject({
    vcpus: z.int().min(1).max(710).meta({ description: 'Virtual CPUs of the guest.' }),
    memory: byteQuantity({ min: '16Mi', max: '64Ti' }).meta({
      description: 'Memory of the guest, such as `2Gi`.',
    }),
    rootDisk: disk
      .meta({
        description:
          'Size of the root disk, such as `20Gi`. `0` only for ephemeral roots: the image decides.',
      })
      .default('0'),
    ephemeralDisk: disk
      .meta({ description: 'Size of an additional empty disk that is lost when the guest stops.' })
      .default('0'),
    swap: disk.meta({ description: 'Size of an additional disk for swap.' }).default('0'),
    extraSpecs: withRules(textMap, ...EXTRA_SPEC_RULES)
      .meta({
        description:
          "Nova's extra specs: what filters look at, and how the guest is built (`hw:cpu_policy`, `hw:numa_nodes`, `hw:mem_page_size`, `pci_passthrough:alias`).",
      })
      .optional(),
  }),
  {
    rule: 'self == oldSelf',
    message: 'a Flavor cannot be changed: create another one with a new name and refer to that',
  },
  wholePages(2, quantityBytes),
  wholePages(1024, quantityBytes),
);

/** As many zones as a status lists; the total counts all. */
export const MOST_ZONES = 64;

const fits = count.meta({
  description: 'How many more fit, the root disk on a volume (of a Flavor without rootDisk: ephemeral).',
});
const fitsEphemeralRoot = count.meta({
  description: 'How many more fit with an ephemeral root disk, which takes room on the node itself.',
});

/** How many more Instances of a Flavor fit. The two counts are alternatives: they share the same room. */
export const flavorCapacity = z.strictObject({
  fits,
  fitsEphemeralRoot,
  zones: z
    .array(
      z.strictObject({
        name: z.string().max(63).meta({ description: 'Availability zone.' }),
        fits,
        fitsEphemeralRoot,
      }),
    )
    .max(MOST_ZONES)
    .meta({
      description: 'The same by zone, the first 64 by name. Nodes without a zone count in all alone.',
    }),
});
export type FlavorCapacity = z.infer<typeof flavorCapacity>;

export const flavorStatus = z.strictObject({
  observedGeneration,
  inUse: count.meta({ description: 'Instances that refer to it.' }).optional(),
  capacity: flavorCapacity
    .extend({ time: time.meta({ description: 'When the figures last changed.' }) })
    .meta({
      description:
        'How many more Instances fit, each alone, without a zone, a server group or hints. Worked out at most every 10 seconds.',
    })
    .optional(),
  conditions: conditions.optional(),
});

export type FlavorSpec = z.infer<typeof flavorSpec>;
export interface Flavor extends KubeObject {
  spec: FlavorSpec;
  status?: z.infer<typeof flavorStatus>;
}

export const FLAVOR = {
  group: GROUP,
  version: VERSION,
  plural: 'flavors',
  kind: 'Flavor',
  namespaced: false,
};

export const flavorKind: KindDefinition = {
  kind: 'Flavor',
  plural: 'flavors',
  singular: 'flavor',
  shortNames: ['flv'],
  scope: 'Cluster',
  description: 'A size of virtual machine: vCPUs, memory, disks. Instances refer to one by name.',
  spec: flavorSpec,
  status: flavorStatus,
  conditions: [
    {
      type: 'Ready',
      description: 'Instances can be built with the Flavor.',
      reasons: { Valid: 'It can be referred to. A Flavor that the API server took is valid.' },
    },
  ],
  columns: [
    { name: 'vCPUs', type: 'integer', jsonPath: '.spec.vcpus', description: 'Virtual CPUs' },
    { name: 'Memory', type: 'string', jsonPath: '.spec.memory', description: 'Memory of the guest' },
    { name: 'Root disk', type: 'string', jsonPath: '.spec.rootDisk', description: 'Size of the root disk' },
    {
      name: 'Fits',
      type: 'integer',
      jsonPath: '.status.capacity.fits',
      description: 'How many more fit, with a root disk on a volume',
    },
    { name: 'In use', type: 'integer', jsonPath: '.status.inUse', description: 'Instances that refer to it' },
    AGE_COLUMN,
  ],
};
