import { POD, type Pod } from '#adapters/kubernetes/types.ts';
import { FLAVOR } from '#api/flavor.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';
import { FLAVORS } from '../fleet.ts';

export type Kinds = 'like' | 'mixed';

/** One side of the comparison: what is made, and where it shows that a node was found for it. */
export interface Subject<T extends KubeObject = KubeObject> {
  readonly scheduler: string;
  create(client: KubeClient, name: string, index: number): Promise<unknown>;
  readonly resource: Resource;
  /** Names of those that have a node, in an object of `resource`. */
  placed(object: T): readonly string[];
}

const NAMESPACE = 'default';
const flavorOf = (index: number, kinds: Kinds) => (kinds === 'like' ? 2 : index % FLAVORS.length);
const flavorName = (kinds: string, flavor: number) => `${kinds}-${flavor}`;

/** Flavors of this name: what asks for them waits until they are there. */
export async function createFlavors(client: KubeClient, set: string): Promise<void> {
  const created = FLAVORS.map(({ vcpus, memoryMiB, diskGiB }, index) =>
    client.create(FLAVOR, {
      metadata: { name: flavorName(set, index) },
      spec: { vcpus, memory: `${memoryMiB}Mi`, rootDisk: `${diskGiB}Gi` },
    }),
  );
  await Promise.all(created);
}

/** Instances without a volume; the claim in a NodeLedger is what counts. */
export function instances(kinds: Kinds, flavorSet: string): Subject<NodeLedger> {
  return {
    scheduler: 'berth',
    create: (client, name, index) =>
      client.create<Instance>(INSTANCE, {
        metadata: { name, namespace: NAMESPACE },
        spec: {
          flavorRef: { name: flavorName(flavorSet, flavorOf(index, kinds)) },
          image: { containerDisk: 'quay.io/containerdisks/fedora:41' },
          rootDisk: { ephemeral: true },
        },
      }),
    resource: NODE_LEDGER,
    placed: ({ spec }) => spec.claims.map(({ name }) => name),
  };
}

/** Plain pods that ask for what such an Instance's pod would; the binding is what counts. */
export function pods(kinds: Kinds, cpuRatio: number): Subject<Pod> {
  return {
    scheduler: 'kube-scheduler',
    create(client, name, index) {
      const { vcpus, memoryMiB, overheadMiB } = FLAVORS[flavorOf(index, kinds)] as (typeof FLAVORS)[0];
      const requests = { cpu: `${(vcpus * 1000) / cpuRatio}m`, memory: `${memoryMiB + overheadMiB}Mi` };
      const container = { name: 'main', image: 'registry.k8s.io/pause:3.10', resources: { requests } };
      const spec = { containers: [container], terminationGracePeriodSeconds: 0 };
      return client.create<Pod>(POD, { metadata: { name, namespace: NAMESPACE }, spec });
    },
    resource: POD,
    placed: ({ metadata, spec }) => (spec.nodeName ? [metadata.name] : []),
  };
}
