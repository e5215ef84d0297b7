import type { InstanceSpec } from '#api/instance.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { Store } from '#runtime/store.ts';
import { type Caches, INDEXERS } from '../../caches.ts';

export const KEY = 'default/web';
export const NODES = ['node-1', 'node-2', 'node-3', 'node-4'];
const LEDGERS = { instance: (it: NodeLedger) => it.spec.claims.map(({ instanceUid }) => instanceUid) };

/** KubeVirt plugs volumes into a guest that runs. */
export const PLUGGING = {
  configuration: { developerConfiguration: { featureGates: ['DeclarativeHotplugVolumes'] } },
};

export const FLAVORS = {
  small: {},
  wide: { vcpus: 2, memory: '2Gi' },
  large: { vcpus: 2, rootDisk: '20Gi' },
  thin: { vcpus: 2, rootDisk: '5Gi' },
};
export const FLAVOR = { vcpus: 1, memory: '1Gi', rootDisk: '10Gi', ephemeralDisk: '0', swap: '0' };
export const SPEC: InstanceSpec = {
  flavorRef: { name: 'small' },
  resizePolicy: 'Cold',
  image: { containerDisk: 'example/disk:1' },
  rootDisk: { ephemeral: false },
  powerState: 'Running',
  shelved: false,
  locked: false,
  deletionProtection: false,
};

export function object<T extends KubeObject>(
  kind: string,
  name: string,
  rest: object,
  metadata: object = {},
): T {
  const common = {
    name,
    uid: `uid-${name}`,
    resourceVersion: '0',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return {
    apiVersion: 'compute.berth.dev/v1alpha1',
    kind,
    metadata: { ...common, ...metadata },
    ...rest,
  } as unknown as T;
}

export function emptyCaches(): Caches {
  const known: Record<string, Store<never>> = {};
  const indexers: Record<string, object> = {
    instances: INDEXERS.instances,
    instanceActions: INDEXERS.requests,
    instanceMigrations: INDEXERS.requests,
    migrations: INDEXERS.migrations,
    pods: INDEXERS.pods,
    images: INDEXERS.images,
    ledgers: LEDGERS,
    volumeClaims: INDEXERS.volumeClaims,
    dataVolumes: INDEXERS.dataVolumes,
  };
  return new Proxy(known, {
    get(stores, name: string) {
      const store = stores[name] ?? new Store<never>({ indexers: indexers[name] ?? {} } as never);
      if (!stores[name]) store.replace([], '0');
      stores[name] = store;
      return store;
    },
  }) as unknown as Caches;
}
