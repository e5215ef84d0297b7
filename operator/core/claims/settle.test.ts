import { describe, expect, test } from 'vitest';
import type { Claim } from '#api/nodeledger.ts';
import { type ClaimFacts, homeOf, settle, takenOver } from './settle.ts';

const claim: Claim = {
  uid: 'instance-uid',
  ownerKind: 'Instance',
  namespace: 'default',
  name: 'web-1',
  instanceUid: 'instance-uid',
  vcpus: 1,
  memoryMiB: 1024,
  overheadMiB: 250,
  diskGiB: 0,
};
const move: Claim = {
  ...claim,
  uid: 'move-uid',
  ownerKind: 'VirtualMachineInstanceMigration',
  name: 'move-1',
};

function facts(changes: Partial<ClaimFacts> = {}): ClaimFacts {
  return {
    claim,
    nodeName: 'a',
    ownerActive: true,
    instanceExists: true,
    guestNode: 'a',
    groupNode: undefined,
    recordedNode: 'a',
    podsHere: false,
    heldForMove: false,
    claimedNodes: ['a'],
    ...changes,
  };
}

describe('the claim of an Instance', () => {
  test.each([
    ['is kept while it exists', {}, 'keep'],
    ['is kept when it is off', { guestNode: undefined }, 'keep'],
    [
      'is kept when the Instance is gone and its pods are not',
      { instanceExists: false, podsHere: true },
      'keep',
    ],
    ['goes with the Instance and its pods', { instanceExists: false }, 'drop'],
    ['goes when the guest has moved on', { guestNode: 'b', claimedNodes: ['a', 'b'] }, 'drop'],
    [
      'stays while a resize holds it, wherever the guest runs',
      { guestNode: 'b', claimedNodes: ['a', 'b'], heldForMove: true },
      'keep',
    ],
    [
      'goes with the Instance, held for a resize or not',
      { instanceExists: false, heldForMove: true },
      'drop',
    ],
    ['stays until the old pod is over', { guestNode: 'b', claimedNodes: ['a', 'b'], podsHere: true }, 'keep'],
    ['stays when the guest runs where nothing is claimed yet', { guestNode: 'b' }, 'keep'],
  ] as const)('%s', (_, changes, settlement) => {
    expect(settle(facts(changes))).toBe(settlement);
  });
});

describe('the claim of a move', () => {
  const ended = { claim: move, ownerActive: false, nodeName: 'b', claimedNodes: ['a'] };

  test.each([
    ['is kept while it goes on', { ...ended, ownerActive: true }, 'keep'],
    ['becomes the Instance’s own when the guest has arrived', { ...ended, guestNode: 'b' }, 'takeOver'],
    ['goes when the guest stayed', ended, 'drop'],
    ['stays until the target pod is over', { ...ended, podsHere: true }, 'keep'],
    [
      'goes when the Instance claims the node already',
      { ...ended, guestNode: 'b', claimedNodes: ['b'] },
      'drop',
    ],
  ])('%s', (_, changes, settlement) => {
    expect(settle(facts(changes))).toBe(settlement);
  });

  test('is the Instance’s in name and uid once taken over, with the same resources', () => {
    expect(takenOver(move, 'web-1')).toEqual(claim);
  });
});

test('of two claims the one counts where the guest runs, else where it was, else the first by name', () => {
  const claimedNodes = ['c', 'b'];
  const home = (facts: Partial<Parameters<typeof homeOf>[0]>) =>
    homeOf({ guestNode: undefined, groupNode: undefined, recordedNode: undefined, claimedNodes, ...facts });
  expect(home({ guestNode: 'c', groupNode: 'b', recordedNode: 'b' })).toBe('c');
  expect(home({ guestNode: 'x', recordedNode: 'c' })).toBe('c');
  expect(home({ groupNode: 'c', recordedNode: 'b' })).toBe('c');
  expect(home({})).toBe('b');
  expect(home({ guestNode: 'a', recordedNode: 'a', claimedNodes: [] })).toBeUndefined();
});
