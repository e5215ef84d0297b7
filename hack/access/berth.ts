import { CONFIGURATION_NAME } from '#admission/configuration.ts';
import { identitiesOf } from '#admission/identities.ts';
import { policiesOf } from '#admission/policies.ts';
import { GROUP } from '#api/constants.ts';
import { MIRROR, type Right } from './rights.ts';

const POLICIES = policiesOf(identitiesOf('berth', 'kubevirt')).map(({ name }) => name);

/**
 * All that the operator may do. The chart's ClusterRole and Role are made of it, the operators of the integration tests
 * run with it, and the suite ends with a look for rights that nothing used (`node hack/access/main.ts`).
 */
export const BERTH_RIGHTS: readonly Right[] = [
  // ---- Berth's own kinds ----
  {
    group: GROUP,
    resources: ['instances'],
    verbs: ['get', ...MIRROR, 'patch'],
    why: 'the finalizer; the spec is the owner’s',
  },
  {
    group: GROUP,
    resources: ['instances/finalizers', 'keypairs/finalizers', 'images/finalizers', 'nodeledgers/finalizers'],
    verbs: ['update'],
    why: 'VMs, volumes and Secrets name their owner and hold up its deletion',
    unseen: 'the admission plugin OwnerReferencesPermissionEnforcement asks for it, where it is on',
  },
  {
    group: GROUP,
    resources: ['instanceactions'],
    verbs: [...MIRROR, 'delete'],
    why: 'requests; deleted after spec.ttlSecondsAfterFinished',
  },
  {
    group: GROUP,
    resources: ['instancemigrations'],
    verbs: [...MIRROR, 'create', 'delete'],
    why: 'requests; a maintenance makes its own',
  },
  {
    group: GROUP,
    resources: ['instancemigrations'],
    verbs: ['get', 'patch'],
    why: 'whose reservation it is; a maintenance cancels those of its own that have not begun',
    unseen: 'only where the cache lags, and where a maintenance is taken back before a move began',
  },
  {
    group: GROUP,
    resources: ['placementprobes', 'clusterplacementprobes'],
    verbs: [...MIRROR, 'delete'],
    why: 'questions; deleted after spec.ttlSecondsAfterFinished',
  },
  {
    group: GROUP,
    resources: ['images'],
    verbs: ['get', ...MIRROR, 'create', 'patch'],
    why: 'the finalizer; CreateImage and shelving make Images',
  },
  {
    group: GROUP,
    resources: ['images'],
    verbs: ['delete'],
    why: 'an Image that was left half made',
    unseen: 'only where it is cancelled between two steps',
  },
  {
    group: GROUP,
    resources: ['computenodes'],
    verbs: ['get', ...MIRROR, 'create', 'patch', 'delete'],
    why: 'made for each labelled node; spec.fenced is taken away when the node is back',
  },
  {
    group: GROUP,
    resources: ['nodeledgers'],
    verbs: ['get', ...MIRROR, 'create', 'update', 'delete'],
    why: 'claims, by compare-and-swap',
  },
  {
    group: GROUP,
    resources: ['servergroups'],
    verbs: MIRROR,
    why: 'policies of groups, and what is reserved for them',
  },
  {
    group: GROUP,
    resources: ['servergroups'],
    verbs: ['get'],
    why: 'another look after a conflict',
    unseen: 'only where two write at once',
  },
  {
    group: GROUP,
    resources: ['flavors', 'keypairs', 'hostaggregates', 'schedulerprofiles'],
    verbs: MIRROR,
    why: 'what operators and owners wrote',
  },
  {
    group: GROUP,
    resources: [
      'instances/status',
      'instanceactions/status',
      'instancemigrations/status',
      'placementprobes/status',
      'clusterplacementprobes/status',
      'images/status',
      'computenodes/status',
      'servergroups/status',
      'flavors/status',
      'keypairs/status',
      'hostaggregates/status',
      'schedulerprofiles/status',
    ],
    verbs: ['patch'],
    why: 'what Berth saw and did',
  },

  // ---- KubeVirt and CDI ----
  {
    group: 'kubevirt.io',
    resources: ['virtualmachines'],
    verbs: ['get', ...MIRROR, 'create', 'update', 'patch', 'delete'],
    why: 'an Instance’s VM',
  },
  {
    group: 'kubevirt.io',
    resources: ['virtualmachineinstances'],
    verbs: ['get', ...MIRROR, 'delete'],
    why: 'the guest; deleted to give it a new pod',
  },
  {
    group: 'kubevirt.io',
    resources: ['virtualmachineinstancemigrations'],
    verbs: ['get', ...MIRROR, 'create', 'delete'],
    why: 'live migration, and its end where nothing fits',
  },
  {
    group: 'kubevirt.io',
    resources: ['virtualmachineinstancemigrations'],
    verbs: ['patch'],
    why: 'why one that KubeVirt made itself cannot be',
    unseen: 'only where KubeVirt has seen the target’s pod before Berth refuses it',
  },
  {
    group: 'kubevirt.io',
    resources: ['kubevirts'],
    verbs: MIRROR,
    why: 'which devices KubeVirt knows',
  },
  {
    group: 'subresources.kubevirt.io',
    resources: [
      'virtualmachineinstances/pause',
      'virtualmachineinstances/unpause',
      'virtualmachineinstances/softreboot',
      'virtualmachineinstances/reset',
    ],
    verbs: ['update'],
    why: 'what is done to a running guest',
  },
  {
    group: 'cdi.kubevirt.io',
    resources: ['datavolumes'],
    verbs: ['get', ...MIRROR, 'create', 'delete'],
    why: 'root disks, blank volumes and Images',
  },
  {
    group: 'cdi.kubevirt.io',
    resources: ['cdiconfigs'],
    verbs: ['get'],
    why: 'how much of a volume its file system takes',
  },

  // ---- Kubernetes ----
  {
    group: '',
    resources: ['pods'],
    verbs: [...MIRROR, 'patch', 'delete'],
    why: 'the gate, the pin and the finalizer of guests’ pods; a fenced node’s, and ended ones that keep a disk, are deleted',
  },
  {
    group: '',
    resources: ['nodes'],
    verbs: ['get', ...MIRROR],
    why: 'what compute nodes have, and whether they are off',
  },
  {
    group: '',
    resources: ['namespaces'],
    verbs: MIRROR,
    why: 'projects of aggregates, and their scheduler profiles',
  },
  {
    group: '',
    resources: ['persistentvolumes'],
    verbs: ['get', ...MIRROR],
    why: 'where volumes live',
  },
  {
    group: '',
    resources: ['persistentvolumeclaims'],
    verbs: ['get', ...MIRROR, 'patch'],
    why: 'who has a volume; a root disk that grows',
  },
  {
    group: '',
    resources: ['secrets'],
    verbs: ['create', 'patch'],
    why: 'the public key of a KeyPair, where KubeVirt looks for it; none is read',
  },
  {
    group: 'storage.k8s.io',
    resources: ['storageclasses'],
    verbs: ['get', ...MIRROR],
    why: 'when a class binds',
  },
  {
    group: 'k8s.cni.cncf.io',
    resources: ['network-attachment-definitions'],
    verbs: MIRROR,
    why: 'which networks there are',
  },
  { group: 'events.k8s.io', resources: ['events'], verbs: ['create', 'patch'], why: 'what happened' },

  // ---- what the installer made, kept right ----
  {
    group: 'admissionregistration.k8s.io',
    resources: ['mutatingwebhookconfigurations'],
    verbs: ['get', 'update'],
    names: [CONFIGURATION_NAME],
    only: 'installed',
    why: 'the bundle that the API server trusts, put into the webhooks',
  },
  {
    group: 'admissionregistration.k8s.io',
    resources: ['mutatingwebhookconfigurations'],
    verbs: ['get', 'create', 'patch'],
    names: [CONFIGURATION_NAME],
    only: 'outside',
    why: 'the webhooks, with an address of its own',
  },
  {
    group: 'admissionregistration.k8s.io',
    resources: ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
    verbs: ['get', 'create', 'patch'],
    names: POLICIES,
    only: 'outside',
    why: 'what the API server checks by itself',
  },

  // ---- in Berth's own namespace ----
  {
    group: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['get', 'update'],
    names: ['berth'],
    ownNamespace: true,
    why: 'who leads',
  },
  {
    group: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['create'],
    ownNamespace: true,
    why: 'who leads; RBAC cannot tell the name of what is created',
  },
  {
    group: '',
    resources: ['secrets'],
    verbs: ['get', 'update'],
    names: ['berth-webhook-certificates'],
    ownNamespace: true,
    why: 'the webhook’s certificates, shared by the replicas',
  },
  {
    group: '',
    resources: ['secrets'],
    verbs: ['create'],
    ownNamespace: true,
    only: 'outside',
    why: 'the webhook’s certificates; RBAC cannot tell the name of what is created',
  },
];
