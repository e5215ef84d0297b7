import { expect, test, vi } from 'vitest';
import type { VirtualMachineInstanceMigration } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import { silentLogger } from '#runtime/logger.ts';
import { placeMigration } from './migration.ts';
import type { PlacementDependencies } from './reconciler.ts';

const object = <T>(name: string, rest: object): T =>
  ({ metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1' }, ...rest }) as T;

const copy = {
  requestId: 'req-1',
  nodeName: 'node-2',
  disks: [
    { name: 'root', claimName: 'new' },
    { name: 'data', claimName: 'new-data' },
  ],
};
const OLD = { root: 'web-root', data: 'web-data' };

/** Where the target goes of a migration that copies disks, and why it was ended if it was. */
async function placed({
  claims,
  claimed = 'req-1',
  copiedTo = {},
  status = { disks: { copy } },
}: {
  claims: Record<string, string>;
  claimed?: string;
  copiedTo?: Record<string, string>;
  status?: object;
}) {
  const migratedVolumes = Object.entries(copiedTo).map(([volumeName, claimName]) => ({
    volumeName,
    destinationPVCInfo: { claimName },
  }));
  const volumes = Object.entries(claims).map(([name, claim]) => ({ name, dataVolume: { name: claim } }));
  const abortMigration = vi.fn(async (_: Instance, __: object, ___?: object) => 'aborted' as const);
  const deps = {
    caches: { vmis: { get: () => object('web', { spec: { volumes }, status: { migratedVolumes } }) } },
    ledgers: { ofInstance: () => [{ nodeName: 'node-2', claim: { requestId: claimed, uid: 'uid-web' } }] },
    hypervisor: { abortMigration },
    recorder: { event: () => undefined },
  } as unknown as PlacementDependencies;
  const instance = object<Instance>('web', { spec: {}, status });
  const migration = object<VirtualMachineInstanceMigration>('update', { spec: { vmiName: 'web' } });
  const node = await placeMigration(deps, instance, migration, { pod: {} as never, log: silentLogger });
  return [node, abortMigration.mock.calls[0]?.[2]];
}

const NAMED = { root: 'new', data: 'new-data', log: 'web-log' };

test('whoever asked for it, it goes where the copies are made', async () => {
  expect(await placed({ claims: NAMED })).toEqual(['node-2', undefined]);
});

test('one that makes the guest larger goes where that is claimed, unless disks are copied, or a copy is half done', async () => {
  const resize = { live: true, targetNode: 'node-2' };
  expect(await placed({ claims: OLD, status: { resize } })).toEqual(['node-2', undefined]);
  expect(await placed({ claims: OLD, status: { resize }, copiedTo: { root: 'new' } })).toEqual([
    undefined,
    { message: expect.stringContaining('half done') },
  ]);
  expect(await placed({ claims: OLD, status: { resize, disks: { copy } } })).toEqual([
    undefined,
    { message: expect.stringContaining('does not name yet') },
  ]);
});

test.each([
  ['that were given up', { claims: NAMED, claimed: 'req-other' }, 'given up'],
  ['that the guest does not name yet, all of them', { claims: { ...OLD, root: 'new' } }, 'does not name yet'],
])('it ends where there are none, or copies %s', async (_, seen, why) => {
  expect(await placed(seen)).toEqual([undefined, { message: expect.stringContaining(why) }]);
});
