import { expect, test } from 'vitest';
import type { DataVolume } from '#adapters/kubevirt/types.ts';
import { INSTANCE_LABEL, INSTANCE_UID_LABEL, VOLUME_LABEL } from '#api/constants.ts';
import type { Flavor } from '#api/flavor.ts';
import type { Image } from '#api/image.ts';
import type { Instance } from '#api/instance.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import { watchKeys } from '#runtime/mapping.ts';
import { type Key, type KubeObject, keyOf } from '#runtime/resource.ts';
import { Store } from '#runtime/store.ts';
import { type Caches, INDEXERS } from './caches.ts';
import { instanceWatches } from './instance-watches.ts';
import { claimsWatches } from './watches.ts';

const object = (kind: string, name: string, version: number, other: object) =>
  ({
    apiVersion: 'compute.berth.dev/v1alpha1',
    kind,
    metadata: { name, uid: name, generation: 1, resourceVersion: `${version}` },
    ...other,
  }) as unknown as KubeObject;

const flavor = (version: number, fits: number) =>
  object('Flavor', 'small', version, { spec: {}, status: { capacity: { fits } } }) as Flavor;

test('a Flavor wakes its Instances when it comes and goes, not with every figure of its status', () => {
  const instances = new Store<Instance>({ indexers: INDEXERS.instances });
  const flavors = new Store<Flavor>();
  const caches = { instances, flavors } as Partial<Caches> as Caches;
  const spec = { flavorRef: { name: 'small' } };
  instances.replace([object('Instance', 'web-1', 1, { spec }) as Instance], '1');
  flavors.replace([], '1');
  const flavorWatch = instanceWatches(caches, new Set()).find(({ store }) => store === flavors);
  if (!flavorWatch) throw new Error('Flavors are not watched');
  const woken: Key[] = [];
  watchKeys(
    flavorWatch,
    (key) => woken.push(key),
    (error) => {
      throw error;
    },
  );
  flavors.observe('ADDED', flavor(2, 5));
  expect(woken).toEqual([keyOf(instances.list()[0] as Instance)]);
  flavors.observe('MODIFIED', flavor(3, 4));
  expect(woken).toHaveLength(1);
  flavors.observe('DELETED', flavor(4, 4));
  expect(woken).toHaveLength(2);
});

test('an Image wakes what is not built yet, also what holds a place already', () => {
  const instances = new Store<Instance>({ indexers: INDEXERS.instances });
  const images = new Store<Image>();
  const spec = { flavorRef: { name: 'small' }, imageRef: { name: 'golden' } };
  const one = (name: string, status: object) => {
    const instance = object('Instance', name, 1, { spec, status }) as Instance;
    return { ...instance, metadata: { ...instance.metadata, namespace: 'default' } };
  };
  const built = { nodeName: 'node-1', appliedPowerState: 'Running' };
  instances.replace([one('waiting', {}), one('claimed', { nodeName: 'node-1' }), one('built', built)], '1');
  images.replace([], '1');
  const woken = new Set<Key>();
  for (const it of instanceWatches({ instances, images } as Partial<Caches> as Caches, new Set()))
    if (it.store === images)
      watchKeys(
        it,
        (key) => woken.add(key),
        (error) => {
          throw error;
        },
      );
  const golden = object('Image', 'golden', 2, { spec: {} }) as Image;
  images.observe('ADDED', { ...golden, metadata: { ...golden.metadata, namespace: 'default' } });
  expect([...woken].toSorted()).toEqual(['default/claimed', 'default/waiting']);
});

test('a volume that an earlier Instance kept wakes the one that has its name now', () => {
  const instances = new Store<Instance>({ indexers: INDEXERS.instances });
  const dataVolumes = new Store<DataVolume>();
  const inDefault = <T extends KubeObject>(it: T, labels = {}): T => ({
    ...it,
    metadata: { ...it.metadata, namespace: 'default', labels },
  });
  const spec = { flavorRef: { name: 'small' } };
  instances.replace([inDefault(object('Instance', 'web-1', 1, { spec }) as Instance)], '1');
  dataVolumes.replace([], '1');
  const woken: Key[] = [];
  for (const it of instanceWatches({ instances, dataVolumes } as Partial<Caches> as Caches, new Set()))
    if (it.store === dataVolumes)
      watchKeys(
        it,
        (key) => woken.push(key),
        (error) => {
          throw error;
        },
      );
  const labels = { [INSTANCE_LABEL]: 'web-1', [INSTANCE_UID_LABEL]: 'before', [VOLUME_LABEL]: 'data' };
  const kept = inDefault(object('DataVolume', 'web-1-data-2', 2, { spec: {} }) as DataVolume, labels);
  dataVolumes.observe('ADDED', kept);
  dataVolumes.observe('DELETED', { ...kept, metadata: { ...kept.metadata, resourceVersion: '3' } });
  expect(woken).toEqual(['default/web-1', 'default/web-1']);
});

test('a claim that is taken over makes the Instance’s other claims be looked at', () => {
  const ledger = (node: string, version: number, uid: string) =>
    object('NodeLedger', node, version, { spec: { claims: [{ uid, instanceUid: 'web-1' }] } }) as NodeLedger;
  const ledgers = new Store<NodeLedger>({
    indexers: { instance: ({ spec }) => spec.claims.map(({ instanceUid }) => instanceUid) },
  });
  ledgers.replace([ledger('node-1', 1, 'web-1'), ledger('node-2', 1, 'move')], '1');
  const stores = {
    ledgers,
    instances: new Store(),
    vmis: new Store(),
    pods: new Store(),
    migrations: new Store(),
  };
  const ledgerWatch = claimsWatches(stores as unknown as Caches).find(({ store }) => store === ledgers);
  if (!ledgerWatch) throw new Error('ledgers are not watched');
  const woken = new Set<Key>();
  watchKeys(
    ledgerWatch,
    (key) => woken.add(key),
    (error) => {
      throw error;
    },
  );
  woken.clear();
  ledgers.observe('MODIFIED', ledger('node-2', 2, 'web-1'));
  expect([...woken].toSorted()).toEqual(['node-1', 'node-2']);
});
