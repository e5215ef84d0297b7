import { describe, expect, test } from 'vitest';
import type { Reservation } from '#api/servergroup.ts';
import { nodeInGroup, nodesLeft, reserved, settledReservations } from './reservations.ts';

const own = (uid: string, nodeName: string): Reservation => ({
  uid,
  ownerKind: 'Instance',
  name: uid,
  instanceUid: uid,
  nodeName,
});
const move = (uid: string, instanceUid: string, nodeName: string): Reservation => ({
  ...own(uid, nodeName),
  ownerKind: 'VirtualMachineInstanceMigration',
  instanceUid,
});

describe('what is left to a member', () => {
  test('any node for the first, and for one that is alone', () => {
    expect(nodesLeft([], 'a')).toBeUndefined();
    expect(nodesLeft([own('a', 'n1')], 'a')).toBeUndefined();
  });

  test("the others' node", () => {
    expect(nodesLeft([own('a', 'n1'), own('b', 'n1')], 'c')).toEqual(['n1']);
  });

  test('no node while another is on the move', () => {
    expect(nodesLeft([own('a', 'n1'), move('m', 'a', 'n2')], 'b')).toEqual([]);
  });
});

describe('of two places that a member has claimed, since a write had its effect late', () => {
  test('the one counts that it has reserved: members that came after it are there', () => {
    expect(nodeInGroup([own('a', 'n2')], 'a', ['n1', 'n2'])).toBe('n2');
    expect(nodeInGroup([own('a', 'n2'), own('b', 'n2')], 'a', ['n1', 'n2'])).toBe('n2');
  });

  test('if both are reserved by now, where the others are', () => {
    const late = own('a', 'n1');
    expect(nodeInGroup([late, own('a', 'n2'), own('b', 'n2')], 'a', ['n1', 'n2'])).toBe('n2');
    expect(nodeInGroup([late, own('a', 'n2')], 'a', ['n1', 'n2'])).toBeUndefined(); // others wait meanwhile
    expect(nodesLeft([late, own('a', 'n2')], 'b')).toEqual([]);
  });

  test('of one place the group has no say', () => {
    expect(nodeInGroup([own('b', 'n2')], 'a', ['n1'])).toBeUndefined();
  });
});

describe('a reservation', () => {
  test('is refused where the others are not', () => {
    expect(reserved([own('a', 'n1')], own('b', ''), 'n2')).toBeUndefined();
    expect(reserved([own('a', 'n1')], own('b', ''), 'n1')).toEqual([own('a', 'n1'), own('b', 'n1')]);
  });

  test('that is there already changes nothing', () => {
    const held = [own('a', 'n1')];
    expect(reserved(held, own('a', ''), 'n1')).toBe(held);
  });

  test('of the same owner is replaced', () => {
    expect(reserved([own('a', 'n1')], own('a', ''), 'n2')).toEqual([own('a', 'n2')]);
  });

  test('of an Instance that holds two places stands beside the first; others wait meanwhile', () => {
    const both = reserved([own('a', 'n1')], { ...own('a', ''), beside: true }, 'n2') ?? [];
    expect(both).toEqual([own('a', 'n1'), own('a', 'n2')]);
    expect(nodesLeft(both, 'b')).toEqual([]);
  });

  test('of a move stands beside that of its Instance', () => {
    expect(reserved([own('a', 'n1')], move('m', 'a', ''), 'n2')).toEqual([
      own('a', 'n1'),
      move('m', 'a', 'n2'),
    ]);
  });
});

describe('what reservations come to', () => {
  const claimOf = ({ nodeName, ...claim }: Reservation) => ({ nodeName, claim });

  test('each claim has one, also where it was lost', () => {
    expect(settledReservations([], [claimOf(own('a', 'n1'))], () => false)).toEqual([own('a', 'n1')]);
  });

  test('one without a claim stays while its owner may still claim, and goes after', () => {
    expect(settledReservations([own('a', 'n1')], [], () => true)).toEqual([own('a', 'n1')]);
    expect(settledReservations([own('a', 'n1')], [], () => false)).toEqual([]);
  });

  test('one beside a claim of its owner stays while that may have both', () => {
    const before = [own('a', 'n1'), own('a', 'n2')];
    expect(settledReservations(before, [claimOf(own('a', 'n1'))], (_, another) => another)).toEqual(before);
    expect(settledReservations(before, [claimOf(own('a', 'n1'))], (_, another) => !another)).toEqual([
      own('a', 'n1'),
    ]);
  });

  test('it follows a claim that was handed over', () => {
    const before = [own('a', 'n1'), move('m', 'a', 'n2')];
    expect(settledReservations(before, [claimOf(own('a', 'n2'))], () => false)).toEqual([own('a', 'n2')]);
  });
});
