import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { conditions, count, objectName, observedGeneration } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import { AGE_COLUMN, type KindDefinition } from './kind.ts';
import { CLAIM_OWNER_KINDS, claimUid } from './nodeledger.ts';
import { withRules } from './schema.ts';

export const GROUP_POLICIES = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'] as const;

/** As many members as a status lists; memberCount counts all. */
export const MAX_LISTED_MEMBERS = 200;
export const MAX_LISTED_VIOLATIONS = 50;

export const serverGroupSpec = withRules(
  z.strictObject({
    policy: withRules(z.enum(GROUP_POLICIES), {
      rule: 'self == oldSelf',
      message: 'policy cannot be changed: create another ServerGroup with a new name',
    }).meta({
      description:
        "Nova's policies: all members on one node, no two on one node, and both as a wish (soft) that gives way when it must.",
    }),
    rules: z
      .strictObject({
        maxServerPerHost: z
          .int()
          .min(1)
          .max(1000)
          .meta({ description: "Members on one node at most (Nova's max_server_per_host); 1 if absent." })
          .optional(),
      })
      .meta({ description: 'More about the policy anti-affinity.' })
      .optional(),
  }),
  {
    rule: "!has(self.rules) || !has(self.rules.maxServerPerHost) || self.policy == 'anti-affinity'",
    message: 'maxServerPerHost is a rule of the policy anti-affinity alone: remove it, or choose that policy',
    fieldPath: '.rules.maxServerPerHost',
    check: ({ policy, rules }) => rules?.maxServerPerHost === undefined || policy === 'anti-affinity',
  },
);

const member = z.strictObject({
  name: objectName.meta({ description: 'Name of the Instance.' }),
  nodeName: objectName.meta({ description: 'Node that it has its place on; absent while none.' }).optional(),
});

const violation = z.strictObject({
  nodeName: objectName.meta({ description: 'Node on which the policy does not hold.' }),
  members: count.meta({ description: 'How many members are there.' }),
  message: z.string().max(512).meta({ description: 'What is against the policy.' }),
});

const reservation = z.strictObject({
  uid: claimUid.meta({ description: 'uid of who has, or will have, the claim.' }),
  ownerKind: z.enum(CLAIM_OWNER_KINDS).meta({ description: 'Its kind: a move reserves for itself.' }),
  name: objectName.meta({ description: 'Its name.' }),
  instanceUid: claimUid.meta({ description: 'uid of the member.' }),
  nodeName: objectName.meta({ description: 'The node.' }),
});

export const serverGroupStatus = z.strictObject({
  observedGeneration,
  members: z
    .array(member)
    .max(MAX_LISTED_MEMBERS)
    .meta({ description: 'Instances that name it in spec.serverGroupRef, the first 200 by name.' })
    .optional(),
  memberCount: count.meta({ description: 'How many there are in all.' }).optional(),
  violations: z
    .array(violation)
    .max(MAX_LISTED_VIOLATIONS)
    .meta({
      description:
        'Nodes on which a hard policy does not hold, the first 50 by name. Nothing is moved because of it.',
    })
    .optional(),
  reservations: z
    .array(reservation)
    .max(2000)
    .meta({
      description:
        'Of the policy affinity: the node that members are on or about to claim, by compare-and-swap, so that no two schedulers take different ones.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid', 'nodeName'],
    })
    .optional(),
  conditions: conditions.optional(),
});

export type ServerGroupSpec = z.infer<typeof serverGroupSpec>;
export type Reservation = z.infer<typeof reservation>;
export type ServerGroupStatus = z.infer<typeof serverGroupStatus>;
export interface ServerGroup extends KubeObject {
  spec: ServerGroupSpec;
  status?: ServerGroupStatus;
}

export const SERVER_GROUP = {
  group: GROUP,
  version: VERSION,
  plural: 'servergroups',
  kind: 'ServerGroup',
  namespaced: true,
};

export const serverGroupKind: KindDefinition = {
  kind: 'ServerGroup',
  plural: 'servergroups',
  singular: 'servergroup',
  shortNames: ['sg'],
  scope: 'Namespaced',
  description:
    'Instances that are to be together, or apart. An Instance joins with spec.serverGroupRef. A group that is deleted leaves its members running, and asks nothing of their later moves.',
  spec: serverGroupSpec,
  status: serverGroupStatus,
  conditions: [
    {
      type: 'Ready',
      description: 'Its policy holds where its members are.',
      reasons: {
        InForce: 'The policy holds, as far as its members have a place; a soft one always does.',
        PolicyViolated:
          'Members are where the policy would not place them: status.violations says where. It was so before the group was, or a rule was tightened. Migrate them.',
      },
    },
  ],
  columns: [
    { name: 'Policy', type: 'string', jsonPath: '.spec.policy', description: 'Together or apart' },
    { name: 'Members', type: 'integer', jsonPath: '.status.memberCount', description: 'Instances in it' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Does the policy hold',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The same in words',
      priority: 1,
    },
    AGE_COLUMN,
  ],
};
