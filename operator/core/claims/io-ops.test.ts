import { expect, test } from 'vitest';
import type { Claim } from '#api/nodeledger.ts';
import { BUILT, view } from '../lifecycle/test-views.ts';
import { ioOpsOf } from './io-ops.ts';

const uid = view().instance.metadata.uid;
const claim = (ownerKind: Claim['ownerKind']): Claim => ({
  uid: `claim-${ownerKind}`,
  ownerKind,
  namespace: 'default',
  name: 'web-1',
  instanceUid: uid,
  vcpus: 1,
  memoryMiB: 1024,
  overheadMiB: 0,
  diskGiB: 0,
});
const OWN = [claim('Instance')];
const ops = (claims: readonly Claim[], changes: Parameters<typeof view>[0]) =>
  ioOpsOf(claims, (wanted) => (wanted === uid ? view(changes).instance : undefined));

test.each([
  ['is being built, of which the status tells nothing yet', {}, 1],
  ['is being built', { status: { vmState: 'Building', taskState: 'Spawning' } }, 1],
  ['runs', { status: BUILT }, 0],
  ['was built and is stopped', { status: { ...BUILT, vmState: 'Stopped' } }, 0],
  ['starts', { status: { ...BUILT, vmState: 'Stopped', taskState: 'PoweringOn' } }, 0],
  ['moves away', { status: { ...BUILT, taskState: 'Migrating' } }, 1],
  ['is rebuilt', { status: { ...BUILT, taskState: 'RebuildBlockDeviceMapping' } }, 1],
  ['reboots', { status: { ...BUILT, taskState: 'RebootingHard' } }, 0],
  ['failed to be built', { status: { vmState: 'Error' } }, 0],
  ['is deleted', { deleting: true }, 0],
] as const)('an Instance that %s', (_, changes, expected) => {
  expect(ops(OWN, changes)).toBe(expected);
});

test('a move that arrives counts, its Instance there beside it does not', () => {
  expect(ops([claim('VirtualMachineInstanceMigration')], { status: BUILT })).toBe(1);
  expect(ops([claim('VirtualMachineInstanceMigration'), ...OWN], { status: BUILT })).toBe(1);
});

test('an Instance that is gone counts no more, though its claim is still there', () => {
  expect(ioOpsOf(OWN, () => undefined)).toBe(0);
});
