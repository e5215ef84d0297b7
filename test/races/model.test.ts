import { describe, expect, test } from 'vitest';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import { groupRace } from '#test/races/group-race.ts';
import { ModelRace, sameClaims } from '#test/races/model-race.ts';
import { race } from '#test/races/race.ts';

/** A million of them: npm run -s races:model. */
const CLAIMS = 20_000;
const ledgersOf = async ({ api }: ModelRace) => (await api.list<NodeLedger>(NODE_LEDGER)).items;

test(`${CLAIMS} claims by three schedulers: never over capacity, nothing lost, nothing left over`, {
  timeout: 180_000,
}, async () => {
  const model = await ModelRace.of(3, 16, 1);
  const tally = await race(model.racers, {
    claims: CLAIMS,
    wave: 32,
    mostHeld: 290,
    seed: 1,
    check: async (held) => sameClaims(await ledgersOf(model), held),
    checkEvery: 2_000,
  });
  expect(tally.claimed).toBeGreaterThanOrEqual(CLAIMS);
  expect(tally.released).toBe(tally.claimed);
  expect(tally.refused).toBeGreaterThan(0);
  expect(model.api.conflicts).toBeGreaterThan(100);
  expect([...model.violations]).toEqual([]);
});

const names = Array.from({ length: 40 }, (_, index) => `group-${index}`);

async function withGroups(seed: number, policy: 'affinity' | 'anti-affinity', reservations = true) {
  const none = {
    nodesLeft: () => undefined,
    reserve: async () => 'reserved' as const,
    settle: async () => true,
  };
  const model = await ModelRace.of(3, 16, seed, reservations ? undefined : none);
  for (const name of names)
    await model.api.create(SERVER_GROUP, { metadata: { name, namespace: 'races' }, spec: { policy } });
  await model.heardAll();
  return model;
}

describe('three schedulers and the members of hard server groups', () => {
  test.for([1, 2, 3, 4, 5])('affinity: one node for each group, seed %i', async (seed) => {
    const model = await withGroups(seed, 'affinity');
    const placed = await groupRace(model.racers, {
      policy: { policy: 'affinity' },
      groups: names,
      members: 4,
      seed,
    });
    expect([...placed.values()].filter((nodes) => nodes.size > 1)).toEqual([]);
    expect([...placed.values()].filter((nodes) => nodes.size === 1).length).toBeGreaterThan(30);
  });

  test.for([6, 7, 8])('the same where they die between reservation and claim, seed %i', async (seed) => {
    const model = await withGroups(seed, 'affinity');
    model.crashes = 0.4;
    const placed = await groupRace(model.racers, {
      policy: { policy: 'affinity' },
      groups: names,
      members: 4,
      seed,
    });
    expect([...placed.values()].filter((nodes) => nodes.size > 1)).toEqual([]);
    expect([...placed.values()].filter((nodes) => nodes.size === 1).length).toBeGreaterThan(30);
    const groups = (await model.api.list<ServerGroup>(SERVER_GROUP)).items;
    const spread = groups.filter(
      ({ status }) => new Set(status?.reservations?.map((it) => it.nodeName)).size > 1,
    );
    expect(spread).toEqual([]);
  });

  test('without reservations they split groups: what is tested can happen', async () => {
    const model = await withGroups(9, 'affinity', false);
    const placed = await groupRace(model.racers, {
      policy: { policy: 'affinity' },
      groups: names,
      members: 4,
      seed: 9,
    });
    expect([...placed.values()].filter((nodes) => nodes.size > 1)).not.toEqual([]);
  });

  test.for([10, 11, 12])('anti-affinity: one ledger keeps members apart, seed %i', async (seed) => {
    const model = await withGroups(seed, 'anti-affinity');
    const policy = { policy: 'anti-affinity', maxServerPerHost: 2 } as const;
    const placed = await groupRace(model.racers, { policy, groups: names, members: 8, seed });
    const most = Math.max(...[...placed.values()].flatMap((nodes) => [...nodes.values()]));
    expect(most).toBe(2);
  });
});
