import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { HOST_AGGREGATE, type HostAggregate } from '#api/hostaggregate.ts';
import type { Instance } from '#api/instance.ts';
import { SCHEDULER_PROFILE, type SchedulerProfile } from '#api/schedulerprofile.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

const WAIT = { timeout: 45_000, interval: 100 };

let berth: Berth;
let made: string[] = [];
let aggregates: string[] = [];

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 1 });
  await berth.operator('profile-options');
});
afterAll(() => berth?.stop());
afterEach(async () => {
  await Promise.all(made.map((name) => berth.delete(name).catch(() => undefined)));
  await Promise.all(made.map((name) => berth.gone(name)));
  await Promise.all(aggregates.map((name) => berth.client.delete(HOST_AGGREGATE, name)));
  [made, aggregates] = [[], []];
});

async function profile(name: string, spec: object): Promise<string> {
  await berth.client.create(SCHEDULER_PROFILE, { metadata: { name }, spec: { weighers: [], ...spec } });
  await vi.waitFor(async () => {
    const { status } = await berth.client.get<SchedulerProfile>(SCHEDULER_PROFILE, name);
    expect(readyOf({ status })?.reason).toBe('InForce');
  }, WAIT);
  return name;
}
async function aggregate(name: string, nodes: string[], metadata: Record<string, string>): Promise<void> {
  aggregates.push(name);
  await berth.client.create(HOST_AGGREGATE, { metadata: { name }, spec: { nodes, metadata } });
  await vi.waitFor(async () => {
    const { status } = await berth.client.get<HostAggregate>(HOST_AGGREGATE, name);
    expect(status?.memberCount).toBe(nodes.length);
  }, WAIT);
}
const readyOf = ({ status }: Pick<Instance | SchedulerProfile, 'status'>) =>
  status?.conditions?.find(({ type }) => type === 'Ready');

/** The nodes of so many Instances that are made at once and decided one after the other. */
async function nodesOf(stem: string, count: number, schedulerProfile: string) {
  const names = Array.from({ length: count }, (_, i) => `${stem}-${i}`);
  made.push(...names);
  await Promise.all(names.map((name) => berth.create(name, { ...EPHEMERAL, schedulerProfile })));
  return Promise.all(
    names.map(async (name) => {
      const decided = await berth.until(name, ({ status }) => status?.placement !== undefined);
      return decided.status?.placement?.nodeName;
    }),
  );
}
/** How many Instances each node has. */
const counts = (nodes: readonly (string | undefined)[]) =>
  ['node-001', 'node-002', 'node-003', undefined].map((name) => nodes.filter((node) => node === name).length);

describe('chance', () => {
  test('has no part where a profile does not ask for it: the first by name', async () => {
    expect(counts(await nodesOf('plain', 4, await profile('plain', {})))).toEqual([4, 0, 0, 0]);
  });

  // By chance all 16 go to one node once in 14 million times.
  test('chooses among all of the best weight with shuffleBestSameWeighedHosts', async () => {
    const shuffled = await profile('shuffled', { shuffleBestSameWeighedHosts: true });
    expect(counts(await nodesOf('shuffled', 16, shuffled))).not.toContain(16);
  });

  test('chooses among hostSubsetSize of the best, and no others', async () => {
    const [first, second, third, none] = counts(
      await nodesOf('subset', 16, await profile('subset', { hostSubsetSize: 2 })),
    );
    expect([third, none]).toEqual([0, 0]);
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(0);
  });
});

describe("an aggregate's metadata", () => {
  test('go before the multiplier of a profile', async () => {
    const stack = await profile('stack', { weighers: [{ name: 'RAMWeigher', multiplier: -1 }] });
    await aggregate('full-first', ['node-001', 'node-002'], { ram_weight_multiplier: '-2' });
    expect(counts(await nodesOf('stack', 3, stack))).toEqual([0, 0, 3, 0]);
  });

  test('set limits for members, before the limit of a profile', async () => {
    const limited = await profile('limited', {
      filters: [{ name: 'AggregateNumInstancesFilter', args: { maxInstancesPerHost: 2 } }],
    });
    await aggregate('crowded', ['node-001'], { max_instances_per_host: '3' });
    await aggregate('empty', ['node-002'], { max_instances_per_host: '0' });
    expect(counts(await nodesOf('limited', 6, limited))).toEqual([3, 0, 2, 1]);
  });
});

describe('arguments', () => {
  test('of a filter and of a weigher count', async () => {
    const isolating = await profile('isolating', {
      filters: [
        { name: 'IsolatedHostsFilter', args: { isolatedHosts: ['node-001'] } },
        { name: 'NumInstancesFilter', args: { maxInstancesPerHost: 1 } },
      ],
    });
    expect(counts(await nodesOf('isolating', 3, isolating))).toEqual([0, 1, 1, 1]);
  });

  test('of images, by the name that the Instance gives', async () => {
    const isolated = await profile('isolated', {
      filters: [
        {
          name: 'IsolatedHostsFilter',
          args: { isolatedHosts: ['node-003'], isolatedImages: ['quay.io/containerdisks/fedora:41'] },
        },
      ],
    });
    expect(counts(await nodesOf('isolated', 2, isolated))).toEqual([0, 0, 2, 0]);
  });
});
