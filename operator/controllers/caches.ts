import { attachmentsOf } from '#adapters/kubernetes/attachments.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#adapters/kubernetes/storage.ts';
import type { Node, Pod } from '#adapters/kubernetes/types.ts';
import type { KubeVirt } from '#adapters/kubevirt/passthrough.ts';
import { claimNameOf } from '#adapters/kubevirt/plugged-volumes.ts';
import type {
  DataVolume,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
} from '#adapters/kubevirt/types.ts';
import type { ClusterPlacementProbe } from '#api/clusterplacementprobe.ts';
import type { ComputeNode } from '#api/computenode.ts';
import {
  INSTANCE_LABEL,
  INSTANCE_UID_LABEL,
  MAINTENANCE_LABEL,
  REQUEST_ID_ANNOTATION,
  VOLUME_LABEL,
} from '#api/constants.ts';
import type { Flavor } from '#api/flavor.ts';
import type { HostAggregate } from '#api/hostaggregate.ts';
import type { Image } from '#api/image.ts';
import type { Instance } from '#api/instance.ts';
import type { InstanceAction } from '#api/instanceaction.ts';
import type { InstanceMigration } from '#api/instancemigration.ts';
import type { KeyPair } from '#api/keypair.ts';
import type { NodeLedger } from '#api/nodeledger.ts';

import type { PlacementProbe } from '#api/placementprobe.ts';

import type { SchedulerProfile } from '#api/schedulerprofile.ts';
import type { ServerGroup } from '#api/servergroup.ts';
import { groupKeyOf } from '#core/groups/group-key.ts';
import { isGated, pinnedNode } from '#core/placement/pin.ts';

import type { KubeObject } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';

/** What the controllers read: one store for each kind, kept by the runtime's informers. */
export interface Caches {
  instances: Store<Instance>;
  instanceActions: Store<InstanceAction>;
  instanceMigrations: Store<InstanceMigration>;
  flavors: Store<Flavor>;
  images: Store<Image>;
  keyPairs: Store<KeyPair>;
  computeNodes: Store<ComputeNode>;
  aggregates: Store<HostAggregate>;
  serverGroups: Store<ServerGroup>;
  schedulerProfiles: Store<SchedulerProfile>;
  ledgers: Store<NodeLedger>;
  placementProbes: Store<PlacementProbe>;
  clusterPlacementProbes: Store<ClusterPlacementProbe>;
  nodes: Store<Node>;
  namespaces: Store<KubeObject>;
  pods: Store<Pod>;
  vms: Store<VirtualMachine>;
  vmis: Store<VirtualMachineInstance>;
  migrations: Store<VirtualMachineInstanceMigration>;
  dataVolumes: Store<DataVolume>;
  kubeVirts: Store<KubeVirt>;
  volumes: Store<PersistentVolume>;
  /** Of multus, which a cluster need not have. */
  networkDefinitions: Store<KubeObject>;
  volumeClaims: Store<PersistentVolumeClaim>;
  storageClasses: Store<StorageClass>;
}

export const instanceUidOf = (object: KubeObject): string | undefined =>
  object.metadata.labels?.[INSTANCE_UID_LABEL];

/** Key of the VMI that a migration moves, which is its Instance's too. */
export const guestKeyOf = ({ metadata, spec }: VirtualMachineInstanceMigration): string =>
  `${metadata.namespace}/${spec.vmiName}`;

const list = (value: string | undefined): string[] => (value === undefined ? [] : [value]);

/** Indexes of the stores, by the names that the controllers use. */
export const INDEXERS = {
  instances: {
    uid: (instance: Instance) => [instance.metadata.uid],
    flavor: (instance: Instance) => [instance.spec.flavorRef.name],
    /** By the nodes that their status names: a resize has two. */
    node: ({ status }: Instance) => [
      ...new Set(
        [status?.nodeName, status?.resize?.sourceNode, status?.resize?.targetNode].filter(
          (it) => it !== undefined,
        ),
      ),
    ],
    /** By the Image that they refer to. */
    image: ({ metadata, spec }: Instance) =>
      spec.imageRef ? [`${metadata.namespace}/${spec.imageRef.name}`] : [],
    keyPair: ({ metadata, spec }: Instance) =>
      spec.keyPairRef ? [`${metadata.namespace}/${spec.keyPairRef.name}`] : [],
    serverGroup: (instance: Instance) => list(groupKeyOf(instance)),
    /** By the claims of spec.volumes. */
    volumeClaim: (instance: Instance) =>
      (instance.spec.volumes ?? []).map(
        (volume) => `${instance.metadata.namespace}/${claimNameOf(instance, volume)}`,
      ),
    /** By the NetworkAttachmentDefinitions of spec.networks. */
    networkDefinition: ({ metadata, spec }: Instance) =>
      (spec.networks ?? []).flatMap(({ multus }) => (multus ? [`${metadata.namespace}/${multus.name}`] : [])),
    /** Those whose hints name an Instance, by its key. */
    hinted: ({ metadata, spec: { schedulerHints: hints } }: Instance) =>
      [...(hints?.sameHost ?? []), ...(hints?.differentHost ?? [])].map(
        (name) => `${metadata.namespace}/${name}`,
      ),
  },
  /** InstanceActions and InstanceMigrations by the key of their Instance. */
  requests: {
    instance: ({ metadata, spec }: InstanceAction | InstanceMigration) => [
      `${metadata.namespace}/${spec.instanceRef.name}`,
    ],
  },
  /** Those that are cloned from a claim, by its key, until they are full. */
  dataVolumes: {
    /** Blank volumes by the name of their Instance, and theirs. */
    madeFor: ({ metadata: { namespace, labels } }: DataVolume) =>
      list(labels?.[VOLUME_LABEL]).map((name) => `${namespace}/${labels?.[INSTANCE_LABEL]}/${name}`),
    source: ({ metadata, spec, status }: DataVolume) => {
      const { pvc } = (spec.source ?? {}) as { pvc?: { namespace?: string; name: string } };
      return pvc && status?.phase !== 'Succeeded'
        ? [`${pvc.namespace ?? metadata.namespace}/${pvc.name}`]
        : [];
    },
  },
  images: {
    /** By the request that they were made for. */
    request: ({ metadata }: Image) => list(metadata.annotations?.[REQUEST_ID_ANNOTATION]),
    /** By the uid of the Instance that they were made of. */
    madeOf: (image: Image) => list(instanceUidOf(image)),
  },
  /** By the uids of the Instances that have them. */
  volumeClaims: {
    attachedTo: (claim: PersistentVolumeClaim) => attachmentsOf(claim).map(({ uid }) => uid),
  },
  maintenance: ({ metadata }: KubeObject) => list(metadata.labels?.[MAINTENANCE_LABEL]),
  /** KubeVirt's migrations by the key of the VMI. */
  migrations: {
    uid: (object: KubeObject) => [object.metadata.uid],
    guest: (migration: VirtualMachineInstanceMigration) => [guestKeyOf(migration)],
  },
  pods: {
    instance: (pod: Pod) => list(instanceUidOf(pod)),
    node: (pod: Pod) => list(pod.spec.nodeName),
    /** Let through to a node, and not bound yet. */
    pinned: (pod: Pod) =>
      pod.spec.nodeName || isGated(pod) || !instanceUidOf(pod) ? [] : list(pinnedNode(pod)),
  },
};

export const instanceByUid = (caches: Caches, uid: string): Instance | undefined =>
  caches.instances.byIndex('uid', uid)[0];
