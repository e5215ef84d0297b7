import { describe, expect, test } from 'vitest';
import { view } from '../lifecycle/test-views.ts';
import { likeKey } from '../scheduling/request-spec.ts';
import { creationTies, requestSpecOf } from './request.ts';

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
    image: { id: 'docker.io/example/disk:1', properties: {} },
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
  const around = { sameHosts: [], differentHosts: [] };
  expect(requestSpecOf(instance, flavor, { ...asked, ties: { onlyHosts: [] } }, around).ties).toEqual({
    onlyHosts: [],
    sameHosts: [],
  });
});

test('a move excludes its source, and differs in nothing else', () => {
  const { ties, ...move } = requestSpecOf(instance, flavor, { ...asked, ties: { ignoreHosts: ['node-1'] } });
  expect(ties).toEqual({ ignoreHosts: ['node-1'] });
  expect(move).toEqual(requestSpecOf(instance, flavor, asked));
});

test('an Instance that names no zone asks for the default one', () => {
  const zoned = view({ spec: { availabilityZone: 'zone-a' } }).instance;
  const around = { defaultZone: 'zone-z' };
  expect(requestSpecOf(instance, flavor, asked, around).availabilityZone).toBe('zone-z');
  expect(requestSpecOf(zoned, flavor, asked, around).availabilityZone).toBe('zone-a');
});

describe('a member of a server group', () => {
  const { instance: member } = view({ spec: { serverGroupRef: { name: 'web' } } });

  test('asks for its policy', () => {
    const group = { policy: 'anti-affinity', rules: { maxServerPerHost: 2 } } as const;
    expect(requestSpecOf(member, flavor, asked, { group })).toMatchObject({
      group: { policy: 'anti-affinity', maxServerPerHost: 2 },
      ties: { groupKey: 'default/web' },
    });
  });

  test('asks for nothing once the group is gone, and still counts as a member', () => {
    const request = requestSpecOf(member, flavor, asked);
    expect(request).not.toHaveProperty('group');
    expect(request.ties).toEqual({ groupKey: 'default/web' });
  });

  test('is alike with others of the same policy, whatever their group', () => {
    const { instance: other } = view({ spec: { serverGroupRef: { name: 'db' } } });
    const around = { group: { policy: 'affinity' } } as const;
    expect(likeKey(requestSpecOf(member, flavor, asked, around))).toBe(
      likeKey(requestSpecOf(other, flavor, asked, around)),
    );
  });
});

test('the nodes that its hints lead to are ties', () => {
  const around = { sameHosts: ['n1'], differentHosts: ['n2'] };
  expect(requestSpecOf(instance, flavor, asked, around).ties).toEqual(around);
});

describe('a first placement', () => {
  test('is on the node that an administrator named', () => {
    const { instance: pinned } = view({ spec: { nodeName: 'n1' } });
    expect(creationTies(pinned)).toEqual({ failedHosts: [], onlyHosts: ['n1'] });
  });

  test('is not where it failed', () => {
    expect(creationTies(view().instance, ['n2'])).toEqual({ failedHosts: ['n2'] });
  });
});
