import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#adapters/kubernetes/storage.ts';
import type { Image } from '#api/image.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import type { ServerGroup } from '#api/servergroup.ts';
import { Store } from '#runtime/store.ts';
import { requestsFrom } from './requests.ts';

const flavor = { name: 'small', vcpus: 1, memoryMiB: 1024, rootDiskGiB: 0, ephemeralDiskGiB: 0, swapMiB: 0 };
const resources = { vcpus: 1, memoryMiB: 1024, overheadMiB: 100, diskGiB: 0 };

function object<K extends string, S>(kind: K, name: string, spec: S, namespace?: string) {
  const metadata = { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '', namespace };
  return { apiVersion: 'compute.berth.dev/v1alpha1', kind, metadata, spec };
}

const instance = (name: string, spec: Partial<InstanceSpec> = {}): Instance => {
  const image = { containerDisk: 'fedora' };
  const needed = { flavorRef: { name: 'small' }, image, rootDisk: { ephemeral: true } };
  return object('Instance', name, { ...needed, ...spec } as InstanceSpec, 'default');
};

const ledger = (node: string, ...instances: string[]): NodeLedger => {
  const claims = instances.map((name) => ({
    uid: `claim-${name}-${node}`,
    ownerKind: 'Instance' as const,
    namespace: 'default',
    name,
    instanceUid: `uid-${name}`,
    ...resources,
  }));
  return object('NodeLedger', node, { claims });
};

function asked(
  spec: Partial<InstanceSpec>,
  others: Instance[],
  ledgers: NodeLedger[],
  groups: ServerGroup[] = [],
  images: Image[] = [],
) {
  const caches = {
    instances: new Store<Instance>(),
    images: new Store<Image>(),
    ledgers: new Store<NodeLedger>({
      indexers: { instance: (it) => it.spec.claims.map((claim) => claim.instanceUid) },
    }),
    serverGroups: new Store<ServerGroup>(),
    volumes: new Store<PersistentVolume>(),
    volumeClaims: new Store<PersistentVolumeClaim>(),
    storageClasses: new Store<StorageClass>(),
  };
  caches.instances.replace(others, '1');
  caches.ledgers.replace(ledgers, '1');
  caches.serverGroups.replace(groups, '1');
  caches.images.replace(images, '1');
  return requestsFrom(caches, undefined)(instance('web', spec), flavor, { ownerUid: 'uid-web', resources });
}

test('an Image counts as if it were written in the Instance, with its properties', () => {
  const spec = {
    source: { containerDisk: 'fedora' },
    architecture: 'amd64' as const,
    minDiskGiB: 0,
    minMemoryMiB: 0,
    properties: { os_type: 'linux' },
  };
  const image: Image = { ...object('Image', 'golden', spec, 'default'), status: { stage: 'Cached' } };
  const refers = { image: undefined, imageRef: { name: 'golden' } };
  expect(asked(refers, [], [], [], [image]).image).toEqual({
    id: 'docker.io/library/fedora:latest',
    properties: { hw_architecture: 'x86_64', os_type: 'linux' },
    pulled: true,
  });
  expect(asked(refers, [], [])).not.toHaveProperty('image');
});

describe('hints', () => {
  const both = [instance('a'), instance('b')];

  test('lead to every node that a named Instance has a place on', () => {
    const request = asked({ schedulerHints: { sameHost: ['a', 'b'], differentHost: ['b'] } }, both, [
      ledger('n2', 'a', 'b'),
      ledger('n1', 'b'),
      ledger('n3', 'c'),
    ]);
    expect(request.ties).toEqual({ sameHosts: ['n1', 'n2'], differentHosts: ['n1', 'n2'] });
  });

  test('to Instances without a place leave no node, and keep from none', () => {
    const hints = { sameHost: ['a'], differentHost: ['b'] };
    expect(asked({ schedulerHints: hints }, both, []).ties).toEqual({ sameHosts: [] });
  });

  test('to Instances that are all gone ask for nothing', () => {
    const hints = { sameHost: ['gone'], differentHost: ['gone'] };
    expect(asked({ schedulerHints: hints }, both, [ledger('n1', 'a')])).not.toHaveProperty('ties');
  });
});

describe('a server group', () => {
  const spec = { serverGroupRef: { name: 'web' } };

  test('of the namespace gives its policy', () => {
    const group: ServerGroup = object('ServerGroup', 'web', { policy: 'affinity' as const }, 'default');
    expect(asked(spec, [], [], [group])).toMatchObject({
      group: { policy: 'affinity' },
      ties: { groupKey: 'default/web' },
    });
  });

  test('of another namespace is another one', () => {
    const group: ServerGroup = object('ServerGroup', 'web', { policy: 'affinity' as const }, 'other');
    expect(asked(spec, [], [], [group])).not.toHaveProperty('group');
  });
});
