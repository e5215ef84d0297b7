import { expect, test } from 'vitest';
import type { Claim } from '#api/nodeledger.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import { fleetOf, host, inventory, resources } from '#core/scheduling/testing/hosts.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import { Surge } from '../surge.ts';
import { BatchScheduler } from './batch-scheduler.ts';

const HELD = resources({ vcpus: 6, memoryMiB: 4096, overheadMiB: 250 });
const NEW = resources({ vcpus: 7, memoryMiB: 2048, overheadMiB: 250 });
const CLAIM = {
  uid: 'web',
  ownerKind: 'Instance',
  namespace: 'default',
  name: 'web',
  instanceUid: 'web',
} as const;

const NO_GROUPS = {
  nodesLeft: () => undefined,
  reserve: async () => 'reserved' as const,
  settle: async () => true,
};

/** Two hosts of 8 vCPUs, of which the Instance holds 6 on the first; others hold what is said of the second. */
async function resized(othersOnB: number, ignoreHosts: readonly string[] = []) {
  const used = { vcpus: inventory(8, { used: 6 }), memoryMiB: inventory(16384, { used: 4096 }) };
  const fleet = fleetOf([
    host('a', { ...used, overheadMiB: 250, numInstances: 1 }),
    host('b', { vcpus: inventory(8, { used: othersOnB }) }),
  ]);
  const written: Record<string, readonly Claim[]> = { a: [{ ...CLAIM, ...HELD }], b: [] };
  const ledgers = {
    write: async (node: string, change: (claims: readonly Claim[]) => readonly Claim[]) => {
      written[node] = change(written[node] ?? []);
      return 'written';
    },
    claimsOn: (node: string) => written[node],
  } as unknown as Ledgers;
  const shadows = { decide: () => () => undefined };
  const keeper = { fleet, refresh: () => undefined };
  const surge = new Surge(() => 0);
  const scheduler = new BatchScheduler(keeper as never, ledgers, NO_GROUPS, shadows as never, surge);
  const request = { ownerUid: 'web', resources: NEW, ties: { ownHost: 'a', ignoreHosts } };
  const decision = await scheduler.place({
    request,
    claim: { ...CLAIM, ...NEW },
    profile: DEFAULT_PROFILE,
    held: { ...HELD, nodeName: 'a' },
  });
  return { decision, written, fleet };
}

const figures = (claims: readonly Claim[] | undefined) =>
  claims?.map(({ vcpus, memoryMiB }) => ({ vcpus, memoryMiB }));

test('what an owner holds is not in its own way: it stays, and the claim is the larger of both', async () => {
  const { decision, written, fleet } = await resized(5);
  expect(decision).toMatchObject({ kind: 'placed', host: 'a' });
  expect(figures(written.a)).toEqual([{ vcpus: 7, memoryMiB: 4096 }]);
  expect(written.b).toEqual([]);
  expect(fleet.stateOf('a')).toMatchObject({
    vcpus: { used: 7 },
    memoryMiB: { used: 4096 },
    overheadMiB: 250,
    numInstances: 1,
  });
});

test('on another host it has a second claim, and the first is counted as before', async () => {
  const { decision, written, fleet } = await resized(0, ['a']);
  expect(decision).toMatchObject({ kind: 'placed', host: 'b' });
  expect(figures(written.a)).toEqual([{ vcpus: 6, memoryMiB: 4096 }]);
  expect(figures(written.b)).toEqual([{ vcpus: 7, memoryMiB: 2048 }]);
  expect(fleet.stateOf('a')).toMatchObject({ vcpus: { used: 6 }, overheadMiB: 250, numInstances: 1 });
  expect(fleet.stateOf('b')).toMatchObject({ vcpus: { used: 7 }, numInstances: 1 });
});
