import { expect, test } from 'vitest';
import type { Flavor } from '#api/flavor.ts';
import type { Instance } from '#api/instance.ts';
import { watchKeys } from '#runtime/mapping.ts';
import { type Key, type KubeObject, keyOf } from '#runtime/resource.ts';
import { Store } from '#runtime/store.ts';
import { type Caches, INDEXERS } from './caches.ts';
import { instanceWatches } from './watches.ts';

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
