import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { conditions, observedGeneration, textMap } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import type { KindDefinition } from './kind.ts';
import { byteQuantity } from './quantity.ts';
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
    extraSpecs: textMap
      .meta({ description: "Nova's extra specs: what filters look at, such as `hw:cpu_policy`." })
      .optional(),
  }),
  {
    rule: 'self == oldSelf',
    message: 'a Flavor cannot be changed: create another one with a new name and refer to that',
  },
);

export const flavorStatus = z.strictObject({
  observedGeneration,
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
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when' },
  ],
};
