import { expect, test } from 'vitest';
import { view } from '../lifecycle/test-views.ts';
import { requestSpecOf } from './request.ts';

const flavor = {
  name: 'small',
  vcpus: 2,
  memoryMiB: 2048,
  rootDiskGiB: 20,
  ephemeralDiskGiB: 0,
  swapMiB: 0,
};
const resources = { vcpus: 2, memoryMiB: 2048, overheadMiB: 200, diskGiB: 0 };
const asked = { ownerUid: 'uid-1', resources };
const { instance } = view();

test('names what filters and weighers look at', () => {
  const zoned = view({ spec: { availabilityZone: 'zone-a' } }).instance;
  const extraSpecs = { 'hw:cpu_policy': 'dedicated' };
  expect(requestSpecOf(zoned, { ...flavor, extraSpecs }, asked)).toEqual({
    ownerUid: 'uid-1',
    resources,
    availabilityZone: 'zone-a',
    namespace: 'default',
    flavor: { name: 'small', extraSpecs },
  });
});

test('a Flavor without extra specs has none', () => {
  expect(requestSpecOf(instance, flavor, asked).flavor?.extraSpecs).toEqual({});
});

test('is tied to nothing when the lists of hosts to avoid are empty', () => {
  const ties = { failedHosts: [], ignoreHosts: [] };
  expect(requestSpecOf(instance, flavor, { ...asked, ties })).not.toHaveProperty('ties');
});

test('keeps an empty list of wanted hosts, which leaves none', () => {
  expect(requestSpecOf(instance, flavor, { ...asked, ties: { onlyHosts: [], sameHosts: [] } }).ties).toEqual({
    onlyHosts: [],
    sameHosts: [],
  });
});

test('a move excludes its source, and differs in nothing else', () => {
  const { ties, ...move } = requestSpecOf(instance, flavor, { ...asked, ties: { ignoreHosts: ['node-1'] } });
  expect(ties).toEqual({ ignoreHosts: ['node-1'] });
  expect(move).toEqual(requestSpecOf(instance, flavor, asked));
});
