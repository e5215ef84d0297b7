import { kubernetesLedgers, LEDGER_INDEXERS } from '#adapters/kubernetes/ledgers.ts';
import { kubernetesReservations } from '#adapters/kubernetes/reservations.ts';
import type { Node } from '#adapters/kubernetes/types.ts';
import type { ComputeNode } from '#api/computenode.ts';
import type { HostAggregate } from '#api/hostaggregate.ts';
import type { Instance } from '#api/instance.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import type { ServerGroup } from '#api/servergroup.ts';
import { INDEXERS } from '#controllers/caches.ts';
import { BatchScheduler } from '#controllers/placement/batch-scheduler.ts';
import { FleetKeeper } from '#controllers/placement/fleet-keeper.ts';
import { ShadowTallies } from '#controllers/schedulerprofile/shadow-tallies.ts';
import { Shadows } from '#controllers/schedulerprofile/shadows.ts';
import { Surge } from '#controllers/surge.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { GroupReservations } from '#ports/reservations.ts';
import type { KubeClient } from '#runtime/client.ts';
import { silentLogger } from '#runtime/logger.ts';
import { Store } from '#runtime/store.ts';

/** One active scheduler: the operator's own, with caches of its own. */
export interface Racer {
  scheduler: BatchScheduler;
  ledgers: Ledgers;
}

export interface RacerCaches {
  ledgers: Store<NodeLedger>;
  serverGroups: Store<ServerGroup>;
}

export const emptyCaches = (): RacerCaches => ({
  ledgers: new Store<NodeLedger>({ indexers: LEDGER_INDEXERS }),
  serverGroups: new Store<ServerGroup>(),
});

/** `groups`: in place of its reservations on ServerGroups. */
export function racerOn(
  client: KubeClient,
  computeNodes: readonly ComputeNode[],
  caches: RacerCaches,
  groups: GroupReservations = kubernetesReservations(client, caches.serverGroups),
): Racer {
  const nodes = new Store<ComputeNode>();
  const keeper = new FleetKeeper({
    computeNodes: nodes,
    ledgers: caches.ledgers,
    nodes: new Store<Node>(),
    aggregates: new Store<HostAggregate>(),
    instances: new Store<Instance>({ indexers: INDEXERS.instances }),
  });
  nodes.replace([...computeNodes], '1');
  for (const { metadata } of computeNodes) keeper.refresh(metadata.name);
  const ledgers = kubernetesLedgers(client, caches.ledgers);
  const shadows = new Shadows({ shadowsOf: () => [] }, new ShadowTallies(), silentLogger);
  return { scheduler: new BatchScheduler(keeper, ledgers, groups, shadows, new Surge()), ledgers };
}

/** A node that a few dozen guests fill. */
export function computeNode(name: string): ComputeNode {
  const amounts = (vcpus: number, memoryMiB: number, diskGiB: number) => ({ vcpus, memoryMiB, diskGiB });
  return {
    apiVersion: 'compute.berth.dev/v1alpha1',
    kind: 'ComputeNode',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { disabled: false },
    status: {
      state: 'Up',
      stateReason: 'Reporting',
      capacity: amounts(16, 64 * 1024, 1000),
      reserved: amounts(0.5, 1024, 10),
      allocationRatios: { cpu: 2, memory: 1, disk: 1 },
    },
  };
}
