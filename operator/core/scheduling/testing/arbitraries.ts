import fc from 'fast-check';
import type { HostState, Inventory } from '../host-state.ts';
import type { Counts, Pool } from '../pools.ts';
import type { RequestSpec } from '../request-spec.ts';
import type { ClaimResources } from '../resources.ts';

const NAMES = Array.from({ length: 20 }, (_, i) => `node-${i}`);
const ZONES = ['zone-a', 'zone-b', 'zone-c'];

const name = fc.constantFrom(...NAMES);

function inventory(most: number): fc.Arbitrary<Inventory> {
  return fc.record({
    total: fc.integer({ min: 0, max: most }),
    reserved: fc.oneof(
      fc.constant(0),
      fc.nat({ max: most * 250 }).map((milli) => milli / 1000),
    ),
    used: fc.integer({ min: 0, max: most }),
    allocationRatio: fc.constantFrom(1, 1, 1.5, 4, 0.7),
  });
}

/** So that most requests are refused by few filters, and few hosts refuse. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

function pools(...names: string[]): fc.Arbitrary<Record<string, Pool> | undefined> {
  const pool = fc.record({ total: fc.integer({ min: 0, max: 8 }), used: fc.nat({ max: 8 }) });
  return fc.option(fc.dictionary(fc.constantFrom(...names), pool, { noNullPrototype: true }), {
    nil: undefined,
  });
}

/** Any host, of few distinct sizes and names, so that hosts tie and names repeat. */
export const anyHost: fc.Arbitrary<HostState> = fc.record({
  name,
  up: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  disabled: fc.oneof(
    { weight: 6, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  availabilityZone: fc.option(fc.constantFrom(...ZONES), { nil: undefined }),
  vcpus: inventory(16),
  memoryMiB: inventory(64),
  diskGiB: inventory(40),
  overheadMiB: fc.integer({ min: 0, max: 4 }),
  numInstances: fc.integer({ min: 0, max: 5 }),
  numIoOps: fc.integer({ min: 0, max: 5 }),
  taints: rarely(fc.constant([{ key: 'gpu', effect: 'NoSchedule' }])),
  labels: fc.option(
    fc.record(
      { cpu: fc.constantFrom('new', 'old'), cpumanager: fc.constantFrom('true', 'true', 'false') },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
  dedicatedCpus: rarely(fc.integer({ min: 1, max: 4 })),
  devices: pools('example.com/gpu', 'example.com/nic'),
  hugepages: pools('hugepages-2Mi', 'hugepages-1Gi'),
  address: fc.constantFrom('192.0.2.1', '192.0.3.1', undefined),
  images: fc.constantFrom(['image-1'], undefined),
  facts: fc.constantFrom({ hypervisor_type: 'QEMU' }, undefined),
  supportedInstances: fc.constantFrom([['x86_64', 'kvm', 'hvm'] as const], undefined),
  groups: fc.option(fc.dictionary(fc.constantFrom('web', 'db'), fc.integer({ min: 1, max: 3 })), {
    nil: undefined,
  }),
  aggregates: fc.option(
    fc.array(
      fc.record({
        name: fc.constantFrom('ssd', 'old'),
        metadata: fc.dictionary(
          fc.constantFrom('ram_weight_multiplier', 'cpu_weight_multiplier'),
          fc.constantFrom('2', '-1', '0.5', 'fast'),
        ),
      }),
      { maxLength: 2 },
    ),
    { nil: undefined },
  ),
});

/** Hosts of different names. */
export const anyHosts = fc.uniqueArray(anyHost, { selector: (host) => host.name, maxLength: 12 });

export const anyResources: fc.Arbitrary<ClaimResources> = fc.record({
  vcpus: fc.integer({ min: 0, max: 4 }),
  memoryMiB: fc.integer({ min: 0, max: 12 }),
  overheadMiB: fc.integer({ min: 0, max: 2 }),
  diskGiB: fc.integer({ min: 0, max: 8 }),
  dedicatedCpus: rarely(fc.integer({ min: 1, max: 4 })),
  devices: rarely(someOf('example.com/gpu', 'example.com/nic')),
  hugepages: rarely(someOf('hugepages-2Mi', 'hugepages-1Gi')),
});

function someOf(...names: string[]): fc.Arbitrary<Counts> {
  return fc.dictionary(fc.constantFrom(...names), fc.nat({ max: 3 }), { noNullPrototype: true });
}

const someNames = fc.option(fc.uniqueArray(name, { maxLength: 4 }), { nil: undefined });

export const anyRequest: fc.Arbitrary<RequestSpec> = fc.record(
  {
    ownerUid: fc.uuid(),
    resources: anyResources,
    availabilityZone: fc.constantFrom(...ZONES, 'nowhere'),
    group: fc.record({
      policy: fc.constantFrom('affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'),
      maxServerPerHost: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    }),
    ties: fc.record({
      groupKey: fc.option(fc.constantFrom('web', 'db', 'new'), { nil: undefined }),
      ownHost: fc.option(name, { nil: undefined }),
      ignoreHosts: someNames,
      differentHosts: someNames,
      sameHosts: fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: someNames },
      ),
      failedHosts: someNames,
      onlyHosts: fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: someNames },
      ),
    }),
    flavor: rarely(
      fc.record({
        name: fc.constant('small'),
        extraSpecs: fc.constantFrom<Record<string, string>>(
          { 'capabilities:num_instances': '<= 3' },
          { hypervisor_type: 'QEMU' },
        ),
      }),
    ),
    image: rarely(
      fc.record({
        id: fc.constantFrom('image-1', 'image-2'),
        properties: fc.constantFrom<Record<string, string>>({}, { hw_architecture: 'x86_64' }),
      }),
    ),
    query: rarely(fc.constantFrom('[">=", "$free_ram_mb", 20]', '["<", "$num_instances", 3]', '{bad')),
    near: rarely(fc.constantFrom({ ip: '192.0.2.9' }, { ip: '192.0.2.9', cidr: '/16' })),
    nodeSelector: rarely(fc.constant({ cpu: 'new' })),
    volumes: rarely(
      fc.constant([[{ matchExpressions: [{ key: 'cpu', operator: 'NotIn', values: ['old'] }] }]]),
    ),
    tolerations: rarely(fc.constant([{ key: 'gpu', operator: 'Exists' }])),
    draw: fc.double({ min: 0, max: 0.999, noNaN: true }),
  },
  { requiredKeys: ['resources'] },
);

/** Many hosts, of different names, sizes and use. */
export const manyHosts = fc
  .array(anyHost, { minLength: 20, maxLength: 120 })
  .map((hosts) => hosts.map((host, i) => ({ ...host, name: `node-${i}` })));

/** Few kinds of request. */
export const anyKinds = fc.uniqueArray(anyRequest, { minLength: 1, maxLength: 3 });

/** Many requests of few kinds: what a burst looks like. */
export const anyBurst = anyKinds.chain((kinds) => fc.array(fc.constantFrom(...kinds), { maxLength: 25 }));

/** What happens to a fleet: hosts come, change and go, claims are made and undone. */
export type Change =
  | { readonly kind: 'upsert'; readonly host: HostState }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'claim' | 'release'; readonly name: string; readonly resources: ClaimResources };

export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('upsert' as const), host: anyHost }),
  fc.record({ kind: fc.constant('remove' as const), name }),
  fc.record({ kind: fc.constantFrom('claim' as const, 'release' as const), name, resources: anyResources }),
);

/** Requests of few kinds, with changes of the fleet in between. */
export const anyHistory: fc.Arbitrary<readonly (RequestSpec | Change)[]> = anyKinds.chain((kinds) =>
  fc.array(
    fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...kinds) }, { weight: 1, arbitrary: anyChange }),
    {
      maxLength: 25,
    },
  ),
);
