import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { byteQuantity, conditions, textMap } from './common.ts';
import { API_VERSION } from './constants.ts';
import type { KindDefinition } from './kind.ts';
import { withRules } from './schema.ts';

const IMMUTABLE = 'a Flavor cannot be changed: create another one with a new name and refer to that';

export const flavorSpec = withRules(
  z.strictObject({
    vcpus: z.int().min(1).max(710).meta({ description: 'Virtual CPUs of the guest.' }),
    memory: withRules(byteQuantity, {
      rule: "quantity(self).compareTo(quantity('16Mi')) >= 0 && quantity(self).compareTo(quantity('64Ti')) <= 0",
      message: 'memory is 16Mi to 64Ti: give it with a unit, such as 2Gi',
    }).meta({ description: 'Memory of the guest, such as `2Gi`.' }),
    rootDisk: withRules(byteQuantity, {
      rule: "quantity(self).compareTo(quantity('64Ti')) <= 0",
      message: 'rootDisk is at most 64Ti: give it with a unit, such as 20Gi',
    })
      .meta({
        description:
          'Size of the root disk, such as `20Gi`. `0` only for ephemeral roots: the image decides.',
      })
      .default('0'),
    ephemeralDisk: byteQuantity
      .meta({ description: 'Size of an additional empty disk that is lost when the guest stops.' })
      .default('0'),
    swap: byteQuantity.meta({ description: 'Size of an additional disk for swap.' }).default('0'),
    extraSpecs: textMap
      .meta({ description: "Nova's extra specs: what filters look at, such as `hw:cpu_policy`." })
      .optional(),
  }),
  { rule: 'self == oldSelf', message: IMMUTABLE },
);

export const flavorStatus = z.strictObject({
  observedGeneration: z.int().optional(),
  conditions: conditions.optional(),
});

export type FlavorSpec = z.infer<typeof flavorSpec>;
export interface Flavor extends KubeObject {
  spec: FlavorSpec;
  status?: z.infer<typeof flavorStatus>;
}

export const FLAVOR = {
  group: 'compute.berth.dev',
  version: 'v1alpha1',
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
  description: `A size of virtual machine (${API_VERSION}): vCPUs, memory, disks. Instances refer to one by name.`,
  spec: flavorSpec,
  status: flavorStatus,
  columns: [
    { name: 'vCPUs', type: 'integer', jsonPath: '.spec.vcpus', description: 'Virtual CPUs' },
    { name: 'Memory', type: 'string', jsonPath: '.spec.memory', description: 'Memory of the guest' },
    { name: 'Root disk', type: 'string', jsonPath: '.spec.rootDisk', description: 'Size of the root disk' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when' },
  ],
};
