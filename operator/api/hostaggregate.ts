import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import {
  conditions,
  count,
  objectName,
  observedGeneration,
  referredName,
  textMap,
  zoneName,
} from './common.ts';
import { ratio } from './computenode-status.ts';
import { GROUP, VERSION } from './constants.ts';
import { AGE_COLUMN, type KindDefinition } from './kind.ts';
import { withRules } from './schema.ts';

/** As many members as a status lists; memberCount counts all. */
export const MAX_LISTED_MEMBERS = 500;

export const hostAggregateSpec = withRules(
  z.strictObject({
    nodes: z.array(referredName).max(1000).meta({ description: 'Members by name.' }).optional(),
    nodeSelector: z
      .strictObject({
        matchLabels: textMap.meta({ description: 'Labels that a Node has, all of them.' }),
      })
      .meta({ description: 'Members by the labels of their Nodes, beside those by name.' })
      .optional(),
    availabilityZone: zoneName
      .meta({ description: "The members' zone, in place of the label on their Nodes." })
      .optional(),
    metadata: textMap.meta({ description: "What filters and weighers look at, by Nova's keys." }).optional(),
    allocationRatios: z
      .strictObject({
        cpu: ratio.meta({ description: 'vCPUs promised for each CPU.' }).optional(),
        memory: ratio.meta({ description: 'Memory promised for each byte.' }).optional(),
        disk: ratio.meta({ description: 'Local disk promised for each byte.' }).optional(),
      })
      .meta({
        description:
          "In place of the operator's defaults; of several aggregates the least. A ComputeNode's own go before.",
      })
      .optional(),
  }),
  {
    rule: '(has(self.nodes) && self.nodes.size() > 0) || (has(self.nodeSelector) && self.nodeSelector.matchLabels.size() > 0)',
    message: 'no node can be a member: name some in nodes, or give labels in nodeSelector.matchLabels',
    check: ({ nodes, nodeSelector }) =>
      (nodes?.length ?? 0) > 0 || Object.keys(nodeSelector?.matchLabels ?? {}).length > 0,
  },
);

const hostAggregateStatus = z.strictObject({
  observedGeneration,
  members: z
    .array(objectName)
    .max(MAX_LISTED_MEMBERS)
    .meta({ description: 'ComputeNodes in it, the first 500 by name.' })
    .optional(),
  memberCount: count.meta({ description: 'How many there are in all.' }).optional(),
  conditions: conditions.optional(),
});

export type HostAggregateSpec = z.infer<typeof hostAggregateSpec>;
export interface HostAggregate extends KubeObject {
  spec: HostAggregateSpec;
  status?: z.infer<typeof hostAggregateStatus>;
}

export const HOST_AGGREGATE = {
  group: GROUP,
  version: VERSION,
  plural: 'hostaggregates',
  kind: 'HostAggregate',
  namespaced: false,
};

export const hostAggregateKind: KindDefinition = {
  kind: 'HostAggregate',
  plural: 'hostaggregates',
  singular: 'hostaggregate',
  shortNames: ['agg'],
  scope: 'Cluster',
  description: 'Some of the nodes, with a zone, ratios or metadata in common.',
  spec: hostAggregateSpec,
  status: hostAggregateStatus,
  conditions: [
    {
      type: 'Ready',
      description: 'It holds for all of its members.',
      reasons: {
        InForce: 'It has members, and its zone, if it names one, is theirs.',
        NoMembers: 'No ComputeNode is named or selected: see its names and labels.',
        ZoneConflict:
          'A node that it selects is in an older aggregate of another zone, and is no member of this one: take it out of one of them.',
      },
    },
  ],
  columns: [
    { name: 'Zone', type: 'string', jsonPath: '.spec.availabilityZone', description: 'Zone of its members' },
    { name: 'Members', type: 'integer', jsonPath: '.status.memberCount', description: 'Nodes in it' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Does it hold for all of them',
    },
    AGE_COLUMN,
  ],
};
