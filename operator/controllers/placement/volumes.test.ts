import { expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#adapters/kubernetes/storage.ts';
import type { Instance, InstanceSpec } from '#api/instance.ts';
import { Store } from '#runtime/store.ts';
import { volumesOf } from './volumes.ts';

const on = (key: string, ...values: string[]) => [{ matchExpressions: [{ key, operator: 'In', values }] }];
const HERE = on('kubernetes.io/hostname', 'node-1');
const topologies = (zone: string) => [{ matchLabelExpressions: [{ key: 'zone', values: [zone] }] }];

const object = <T>(name: string, other: object, metadata: object = {}) =>
  ({ metadata: { name, uid: name, resourceVersion: '1', ...metadata }, ...other }) as unknown as T;

const local = object<PersistentVolume>('pv-local', {
  spec: { nodeAffinity: { required: { nodeSelectorTerms: HERE } } },
});
const shared = object<PersistentVolume>('pv-shared', { spec: {} });
const zonal = object<StorageClass>('zonal', { allowedTopologies: topologies('a') });
const standard = object<StorageClass>(
  'standard',
  { allowedTopologies: topologies('b') },
  {
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
);

function claim(spec: object, metadata: object = {}): PersistentVolumeClaim {
  return object('web-root', { spec }, { namespace: 'default', ...metadata });
}

const volumes = (rootDisk: InstanceSpec['rootDisk'], ...claims: PersistentVolumeClaim[]) =>
  where({}, rootDisk, claims);

function where(options: object, rootDisk: InstanceSpec['rootDisk'], claims: PersistentVolumeClaim[]) {
  const caches = {
    volumes: new Store<PersistentVolume>(),
    volumeClaims: new Store<PersistentVolumeClaim>(),
    storageClasses: new Store<StorageClass>(),
  };
  caches.volumes.replace([local, shared], '1');
  caches.volumeClaims.replace(claims, '1');
  caches.storageClasses.replace([zonal, standard], '1');
  return volumesOf(
    caches,
    object<Instance>('web', { spec: { rootDisk } }, { namespace: 'default' }),
    options,
  );
}

const persistent = { ephemeral: false };

test('a bound root disk holds its Instance to where it is', () => {
  expect(volumes(persistent, claim({ volumeName: 'pv-local', storageClassName: 'zonal' }))).toEqual([HERE]);
  expect(volumes(persistent, claim({ volumeName: 'pv-shared', storageClassName: 'zonal' }))).toEqual([]);
});

test('one that is to be made goes where its class allows, or the default class', () => {
  expect(volumes({ ...persistent, storageClassName: 'zonal' })).toEqual([on('zone', 'a')]);
  expect(volumes(persistent)).toEqual([on('zone', 'b')]);
  expect(volumes({ ...persistent, storageClassName: 'unknown' })).toEqual([]);
});

test('one that is being made goes where kube-scheduler chose', () => {
  const annotations = { 'volume.kubernetes.io/selected-node': 'node-1' };
  const chosen = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }];
  const found = volumes(persistent, claim({ storageClassName: 'unknown' }, { annotations }));
  expect(found).toEqual([chosen]);
});

test('what is on its way out says nothing, and an ephemeral root has no volume', () => {
  const leaving = claim({ volumeName: 'pv-local' }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  expect(volumes({ ...persistent, storageClassName: 'unknown' }, leaving)).toEqual([]);
  expect(volumes({ ephemeral: true }, claim({ volumeName: 'pv-local' }))).toEqual([]);
});

test('one that is copied goes where another volume of its class could be', () => {
  const bound = claim({ volumeName: 'pv-local', storageClassName: 'zonal' });
  expect(where({ copied: ['root'] }, persistent, [bound])).toEqual([on('zone', 'a')]);
});
