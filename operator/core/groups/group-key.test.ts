import { expect, it } from 'vitest';
import type { Claim } from '#api/nodeledger.ts';
import { groupsHeld } from './group-key.ts';

const claim = (instanceUid: string, serverGroup?: string, namespace = 'a'): Claim => ({
  uid: `claim-${instanceUid}`,
  ownerKind: 'Instance',
  namespace,
  name: 'web-1',
  instanceUid,
  vcpus: 1,
  memoryMiB: 1024,
  overheadMiB: 100,
  diskGiB: 0,
  ...(serverGroup && { serverGroup }),
});

it('counts members by group; groups of one name in two namespaces are two', () => {
  const claims = [claim('1', 'web'), claim('2', 'web'), claim('3', 'web', 'b'), claim('4', 'db'), claim('5')];
  expect(groupsHeld(claims)).toEqual({ 'a/web': 2, 'b/web': 1, 'a/db': 1 });
});

it('an Instance with two claims on a node is one member', () => {
  const moved: Claim = { ...claim('1', 'web'), uid: 'move', ownerKind: 'VirtualMachineInstanceMigration' };
  expect(groupsHeld([claim('1', 'web'), moved])).toEqual({ 'a/web': 1 });
});

it('is absent where there are no members', () => {
  expect(groupsHeld([claim('1')])).toBeUndefined();
});
