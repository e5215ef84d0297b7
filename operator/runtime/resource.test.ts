import { expect, test } from 'vitest';
import { collectionPath, keyOf, objectPath, splitKey } from './resource.ts';

const pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
const flavors = {
  group: 'compute.berth.dev',
  version: 'v1alpha1',
  plural: 'flavors',
  kind: 'Flavor',
  namespaced: false,
};

test('a key and its parts', () => {
  expect(keyOf({ metadata: { name: 'a', namespace: 'n' } })).toBe('n/a');
  expect(keyOf({ metadata: { name: 'a' } })).toBe('a');
  expect(splitKey('n/a')).toEqual({ namespace: 'n', name: 'a' });
  expect(splitKey('a')).toEqual({ name: 'a' });
  expect(() => keyOf({ metadata: {} })).toThrow('no key');
});

test('paths of core and grouped, namespaced and cluster-scoped kinds', () => {
  expect(collectionPath(pods)).toBe('/api/v1/pods');
  expect(collectionPath(pods, 'n')).toBe('/api/v1/namespaces/n/pods');
  expect(objectPath(pods, 'n/a', 'status')).toBe('/api/v1/namespaces/n/pods/a/status');
  expect(objectPath(flavors, 'm1.small')).toBe('/apis/compute.berth.dev/v1alpha1/flavors/m1.small');
});

test('a namespaced object without a namespace is a mistake', () => {
  expect(() => objectPath(pods, 'a')).toThrow('namespace missing');
});
