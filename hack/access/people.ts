import { FENCE_VERB } from '#admission/fence-policy.ts';
import { UNLOCK_RESOURCE, UNLOCK_SUBRESOURCE, UNLOCK_VERB } from '#admission/instance-lock-policy.ts';
import { PIN_RESOURCE, PIN_SUBRESOURCE, PIN_VERB } from '#admission/node-name-policy.ts';
import { GROUP } from '#api/constants.ts';
import { READ, type Right, WRITE } from './rights.ts';

/** A ClusterRole for people, and which of Kubernetes' own roles it is added to. */
export interface PeopleRole {
  name: string;
  aggregatedInto: readonly ('view' | 'edit' | 'admin')[];
  /** For whom, and how it is bound: a comment in the manifests. */
  why: string;
  rights: readonly Right[];
}

const OWNED = ['instances', 'instanceactions', 'images', 'keypairs', 'servergroups', 'placementprobes'];
const UNLOCK = `${UNLOCK_RESOURCE}/${UNLOCK_SUBRESOURCE}`;
const CONSOLES = ['virtualmachineinstances/console', 'virtualmachineinstances/vnc'];

export const PEOPLE_ROLES: readonly PeopleRole[] = [
  {
    name: 'berth-viewer',
    aggregatedInto: ['view', 'edit', 'admin'],
    why: 'For who looks: bound in a namespace.',
    rights: [
      {
        group: GROUP,
        resources: [...OWNED, 'instancemigrations'],
        verbs: READ,
        why: 'what is there, and why',
      },
    ],
  },
  {
    name: 'berth-instance-owner',
    aggregatedInto: ['edit', 'admin'],
    why: 'For owners of Instances: bound in a namespace. It moves nothing, and names no node.',
    rights: [
      { group: GROUP, resources: OWNED, verbs: [...READ, ...WRITE], why: 'Instances, and what they ask for' },
      { group: GROUP, resources: ['instancemigrations'], verbs: READ, why: 'moves that operators ask for' },
      { group: 'subresources.kubevirt.io', resources: CONSOLES, verbs: ['get'], why: 'the guest’s consoles' },
    ],
  },
  {
    name: 'berth-instance-unlocker',
    aggregatedInto: ['admin'],
    why: 'For who may unlock what owners may lock: bound in a namespace.',
    rights: [{ group: GROUP, resources: [UNLOCK], verbs: [UNLOCK_VERB], why: 'spec.locked set to false' }],
  },
  {
    name: 'berth-catalog-reader',
    aggregatedInto: [],
    why: 'For who writes Instances: bound in the cluster, since what they choose from is in no namespace.',
    rights: [
      { group: GROUP, resources: ['flavors', 'schedulerprofiles'], verbs: READ, why: 'what can be chosen' },
    ],
  },
  {
    name: 'berth-operator',
    aggregatedInto: [],
    why: 'For who runs the compute nodes: bound in the cluster.',
    rights: [
      {
        group: GROUP,
        resources: [
          ...OWNED,
          'instancemigrations',
          'flavors',
          'schedulerprofiles',
          'hostaggregates',
          'clusterplacementprobes',
        ],
        verbs: [...READ, ...WRITE],
        why: 'all that people write',
      },
      {
        group: GROUP,
        resources: ['computenodes'],
        verbs: [...READ, 'update', 'patch', FENCE_VERB],
        why: 'disable, empty, and say that a node is off; Berth makes and removes them',
      },
      { group: GROUP, resources: ['nodeledgers'], verbs: READ, why: 'who has claimed what' },
      {
        group: GROUP,
        resources: [`${PIN_RESOURCE}/${PIN_SUBRESOURCE}`],
        verbs: [PIN_VERB],
        why: 'name a node',
      },
      { group: GROUP, resources: [UNLOCK], verbs: [UNLOCK_VERB], why: 'spec.locked set to false' },
      { group: '', resources: ['nodes'], verbs: READ, why: 'labels and conditions behind ComputeNodes' },
      { group: 'subresources.kubevirt.io', resources: CONSOLES, verbs: ['get'], why: 'the guest’s consoles' },
    ],
  },
];
