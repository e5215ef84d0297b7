import { LEDGER_INDEXERS } from '#adapters/kubernetes/ledgers.ts';
import { bareObject, NETWORK_DEFINITION } from '#adapters/kubernetes/network-definitions.ts';
import { nodeSlimmer } from '#adapters/kubernetes/node-images.ts';
import {
  PERSISTENT_VOLUME,
  PERSISTENT_VOLUME_CLAIM,
  STORAGE_CLASS,
  slimStorageClass,
  slimVolume,
  slimVolumeClaim,
} from '#adapters/kubernetes/storage.ts';
import { NAMESPACE, NODE, POD, slimNamespace, slimPod } from '#adapters/kubernetes/types.ts';
import { slimKubeVirt } from '#adapters/kubevirt/passthrough.ts';
import {
  DATA_VOLUME,
  type DataVolume,
  KUBEVIRT,
  type VirtualMachineInstanceMigration,
  VM,
  VMI,
  VMIM,
} from '#adapters/kubevirt/types.ts';
import { CLUSTER_PLACEMENT_PROBE } from '#api/clusterplacementprobe.ts';
import { COMPUTE_NODE } from '#api/computenode.ts';
import { COMPUTE_NODE_LABEL } from '#api/constants.ts';
import { FLAVOR } from '#api/flavor.ts';
import { HOST_AGGREGATE } from '#api/hostaggregate.ts';
import { IMAGE, type Image } from '#api/image.ts';
import { INSTANCE } from '#api/instance.ts';
import { INSTANCE_ACTION, type InstanceAction } from '#api/instanceaction.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import { KEY_PAIR } from '#api/keypair.ts';
import { NODE_LEDGER } from '#api/nodeledger.ts';

import { PLACEMENT_PROBE } from '#api/placementprobe.ts';

import { SCHEDULER_PROFILE } from '#api/schedulerprofile.ts';
import { SERVER_GROUP } from '#api/servergroup.ts';

import { type Caches, INDEXERS } from '#controllers/caches.ts';
import type { KubeClient } from '#runtime/client.ts';
import { createInformer, type InformerOptions } from '#runtime/informer.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Manager } from '#runtime/manager.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';
import type { Store } from '#runtime/store.ts';

/** One informer and store for each kind that the controllers read. */
export function createCaches(client: KubeClient, manager: Manager, logger: Logger): Caches {
  const store = <T extends KubeObject>(resource: Resource, options: InformerOptions<T> = {}): Store<T> =>
    manager.addInformer(createInformer<T>(client, resource, { ...options, logger })).store;
  return {
    instances: store(INSTANCE, { indexers: INDEXERS.instances }),
    instanceActions: store<InstanceAction>(INSTANCE_ACTION, { indexers: INDEXERS.requests }),
    instanceMigrations: store<InstanceMigration>(INSTANCE_MIGRATION, {
      indexers: { ...INDEXERS.requests, maintenance: INDEXERS.maintenance },
    }),
    flavors: store(FLAVOR),
    images: store<Image>(IMAGE, { indexers: INDEXERS.images }),
    keyPairs: store(KEY_PAIR),
    computeNodes: store(COMPUTE_NODE),
    aggregates: store(HOST_AGGREGATE),
    serverGroups: store(SERVER_GROUP),
    schedulerProfiles: store(SCHEDULER_PROFILE),
    ledgers: store(NODE_LEDGER, { indexers: LEDGER_INDEXERS }),
    placementProbes: store(PLACEMENT_PROBE),
    clusterPlacementProbes: store(CLUSTER_PLACEMENT_PROBE),
    namespaces: store(NAMESPACE, { transform: slimNamespace }),
    nodes: store(NODE, { labelSelector: COMPUTE_NODE_LABEL, transform: nodeSlimmer() }),
    pods: store(POD, { indexers: INDEXERS.pods, transform: slimPod }),
    vms: store(VM),
    vmis: store(VMI),
    migrations: store<VirtualMachineInstanceMigration>(VMIM, { indexers: INDEXERS.migrations }),
    dataVolumes: store<DataVolume>(DATA_VOLUME, { indexers: INDEXERS.dataVolumes }),
    kubeVirts: store(KUBEVIRT, { transform: slimKubeVirt }),
    volumes: store(PERSISTENT_VOLUME, { transform: slimVolume }),
    volumeClaims: store(PERSISTENT_VOLUME_CLAIM, {
      indexers: INDEXERS.volumeClaims,
      transform: slimVolumeClaim,
    }),
    networkDefinitions: store(NETWORK_DEFINITION, { transform: bareObject, optional: true }),
    storageClasses: store(STORAGE_CLASS, { transform: slimStorageClass }),
  };
}
