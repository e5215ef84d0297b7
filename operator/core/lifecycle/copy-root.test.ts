import { describe, expect, test } from 'vitest';
import { assess } from './assess.ts';
import type { GuestView, MoveView } from './guest-view.ts';
import { instanceConditions } from './instance-conditions.ts';
import type { OperationRequest } from './request.ts';
import { rootDiskAfter } from './root-disk.ts';
import type { Situation } from './situation.ts';
import { BUILT, moveView, type ViewChanges, view } from './test-views.ts';

const REQUEST_ID = 'req-11111111-2222-4333-8444-555555555555';
const NEW = 'web-1-root-0a0b0c0d';
const copy = { claimName: NEW, nodeName: 'node-2', requestId: REQUEST_ID };

const request: OperationRequest = {
  kind: 'InstanceMigration',
  name: 'move-1',
  uid: 'move-1-uid',
  requestId: REQUEST_ID,
  operation: 'LiveMigrate',
  cancelled: false,
  requestedBy: undefined,
};

const TIED = {
  liveMigratable: {
    possible: false,
    reason: 'DisksNotLiveMigratable',
    message: 'PVC web-1-root is not shared',
  },
  tiedBy: ['root'],
} satisfies Partial<GuestView>;
const MOVABLE = { liveMigratable: { possible: true, reason: 'BlockMigration', message: 'it can' } };

const old = {
  vm: { runs: true, deleting: false, rootClaim: 'web-1-root' },
  root: { claimName: 'web-1-root', isTakenUp: false },
};
const named = { ...old, vm: { runs: true, deleting: false, rootClaim: NEW } };
const asked = { ...named, root: { claimName: NEW, copiedTo: NEW, isTakenUp: false } };
const taken = { ...named, root: { claimName: NEW, copiedTo: NEW, isTakenUp: true }, ...MOVABLE };
const there = { ...named, root: { claimName: NEW, isTakenUp: false }, nodeName: 'node-2' };

const move = (changes: Partial<MoveView> = {}) => moveView({ requestId: REQUEST_ID, ...changes });

const inFlight = {
  ...BUILT,
  taskState: 'Migrating',
  operation: {
    name: 'LiveMigrate',
    requestId: REQUEST_ID,
    source: { kind: 'InstanceMigration', name: 'move-1' },
    sourceNode: 'node-1',
    startTime: '2026-01-01T00:00:00Z',
    waitingFor: 'KubeVirt',
  },
} as const;
const FULL = { exists: true, ready: true, detail: 'root disk: Succeeded' };

/** Of a move whose copy is written down. */
const copying = (changes: ViewChanges = {}): Situation =>
  assess(
    view({
      status: { ...inFlight, rootDisk: { copy } },
      asking: request,
      targetClaim: 'node-2',
      copyDisk: FULL,
      ...changes,
    }),
  );
const name = (claimName: string) => ({ kind: 'nameRoot', claimName });

describe('a root disk that is not shared', () => {
  const began = (changes: ViewChanges = {}) =>
    assess(
      view({
        status: inFlight,
        asking: request,
        targetClaim: 'node-2',
        guest: { ...old, ...TIED },
        ...changes,
      }),
    );

  test('a place is claimed, then the copy is written down, for that node and request', () => {
    expect(began({ targetClaim: undefined }).action).toEqual({ kind: 'claimTarget' });
    const { action, disk } = began();
    expect([action, disk]).toEqual([
      { kind: 'none' },
      { copy: { ...copy, claimName: expect.stringMatching(/^web-1-root-[0-9a-f]{8}$/) } },
    ]);
    expect(began({ targetClaim: 'node-3' }).disk?.copy?.claimName).not.toBe(disk?.copy?.claimName);
  });

  test('what an earlier move left goes first', () => {
    const status = { ...inFlight, rootDisk: { left: 'web-1-root-old' } };
    expect(began({ status, leftDisk: { isDeleting: false } }).action).toEqual({
      kind: 'dropDisk',
      claimName: 'web-1-root-old',
    });
    expect(began({ status })).toMatchObject({ action: { kind: 'none' }, disk: { left: null } });
  });

  test('of one that is shared nothing is copied', () => {
    expect(began({ guest: { ...old, ...MOVABLE } }).action).toEqual({ kind: 'liveMigrate' });
  });

  test.each<[string, ViewChanges, object]>([
    [
      'an empty disk is made',
      { copyDisk: undefined, guest: old },
      { kind: 'makeCopy', claimName: NEW, nodeName: 'node-2' },
    ],
    ['it is waited for', { copyDisk: { ...FULL, ready: false }, guest: old }, { kind: 'none' }],
    ['the VM names it', { guest: old }, name(NEW)],
    ['KubeVirt takes it up', { guest: named }, { kind: 'none' }],
    ['in two steps', { guest: asked }, { kind: 'none' }],
    ['and says that the guest can move', { guest: { ...taken, ...TIED } }, { kind: 'none' }],
    ['then it is asked to', { guest: taken }, { kind: 'liveMigrate' }],
    [
      'unless its workload updater did',
      { guest: { ...taken, moves: [move({ requestId: 'req-other' })] } },
      { kind: 'none' },
    ],
  ])('in this order: %s', (_, changes, action) => {
    expect(copying(changes)).toMatchObject({ taskState: 'Migrating', action });
  });

  test('arrived: it has succeeded, and the record says so, whatever else is so', () => {
    const guest = { ...there, moves: [move({ end: 'succeeded' })] };
    const situation = copying({ guest });
    expect(situation).toMatchObject({ outcome: { result: 'Succeeded' } });
    const seen = view({ status: { ...inFlight, rootDisk: { copy } }, guest });
    expect(rootDiskAfter(seen, situation)).toEqual({ claimName: NEW, copy: undefined, left: 'web-1-root' });
    const off = view({
      status: { ...BUILT, rootDisk: { copy } },
      guest: { ...there, power: 'succeeded', migrating: true },
    });
    expect(rootDiskAfter(off, {})).toMatchObject({ claimName: NEW, left: 'web-1-root' });
    const moving = view({ status: { ...BUILT, rootDisk: { copy } }, guest: { ...there, migrating: true } });
    expect(rootDiskAfter(moving, {})).toMatchObject({ copy });
  });
});

describe('given up', () => {
  const failed = { moves: [move({ end: 'failed', failure: 'no route' })] };
  test.each<[string, ViewChanges, object]>([
    ['the old claim is named again', { guest: { ...taken, ...failed } }, { action: name('web-1-root') }],
    [
      'not between the two writes of KubeVirt',
      { guest: { ...asked, ...failed } },
      { action: { kind: 'none' } },
    ],
    [
      'KubeVirt takes it back',
      { guest: { ...taken, ...old, root: taken.root, ...failed } },
      { action: { kind: 'none' }, taskState: 'Migrating' },
    ],
    [
      'and says that the guest is tied again',
      { guest: { ...old, ...MOVABLE, ...failed } },
      { action: { kind: 'none' }, taskState: 'Migrating' },
    ],
    [
      'then it has failed, and the copy is left',
      { guest: { ...old, ...TIED, ...failed } },
      { outcome: { result: 'Failed' }, disk: { copy: null, left: NEW } },
    ],
    [
      'of a guest that is off KubeVirt takes nothing back',
      { guest: { ...old, root: taken.root, power: 'succeeded', ...failed } },
      { outcome: { code: 'GuestStopped' }, disk: { copy: null, left: NEW } },
    ],
    [
      'cancelled while the disk is made',
      { guest: old, asking: { ...request, cancelled: true }, copyDisk: undefined },
      { outcome: { result: 'Cancelled' }, disk: { copy: null, left: NEW } },
    ],
    [
      'KubeVirt wants a restart instead',
      { guest: { ...old, vm: { ...named.vm, restartRequired: 'volumes' } } },
      { action: name('web-1-root') },
    ],
    [
      'its place is on another node by now',
      { guest: old, targetClaim: 'node-3' },
      { action: { kind: 'none' }, disk: { copy: null, left: NEW } },
    ],
    [
      'off a lost node nothing is given back while it may arrive',
      { guest: { ...taken, moves: [move({ isDeleting: true })] }, homeLost: 'node-1 is Down' },
      { outcome: { code: 'NodeDown' } },
    ],
  ])('%s', (_, changes, expected) => {
    expect(copying(changes)).toMatchObject(expected);
  });
});

describe('what a move that is over left', () => {
  const leftOf = (rootDisk: object, changes: ViewChanges = {}) =>
    assess(view({ status: { ...BUILT, rootDisk }, ...changes }));

  test('is taken back once nothing moves any more', () => {
    const lost = { guest: { ...taken, moves: [move()] }, homeLost: 'node-1 is Down' };
    expect(leftOf({ copy }, lost).action).toEqual({ kind: 'none' });
    expect(leftOf({ copy }, { guest: lost.guest }).action).toMatchObject({ kind: 'abortMigration' });
    expect(leftOf({ copy }, { guest: taken }).action).toEqual(name('web-1-root'));
    const isLong = {
      guest: { ...taken, ...old, root: taken.root },
      spec: { powerState: 'Stopped' as const },
    };
    expect(leftOf({ copy }, isLong).action).toEqual({ kind: 'haltVm' }); // a stop does not wait for KubeVirt
    expect(leftOf({ copy }, { guest: old }).disk).toEqual({ copy: null, left: NEW });
  });

  test('is deleted, but for what a VM or a guest names, or a second pod may have', () => {
    const left = { claimName: NEW, left: 'web-1-root' };
    const leftDisk = { isDeleting: false };
    expect(leftOf(left, { guest: there, leftDisk }).action).toEqual({
      kind: 'dropDisk',
      claimName: 'web-1-root',
    });
    expect(leftOf(left, { guest: old, leftDisk }).action).toEqual({ kind: 'none' });
    expect(leftOf(left, { guest: { ...there, pods: ['a', 'b'] }, leftDisk }).action).toEqual({
      kind: 'none',
    });
    expect(leftOf(left, { guest: there }).disk).toEqual({ left: null });
  });
});

test.each<[string, ViewChanges, object]>([
  ['it is copied', { guest: TIED }, { status: 'True', reason: 'RootDiskCopied' }],
  [
    'another disk is not',
    { guest: { ...TIED, tiedBy: ['root', 'data'] } },
    {
      status: 'False',
      message: 'spec.volumes data: it is not shared (ReadWriteMany), and only a root disk is copied along',
    },
  ],
  [
    'a guest that has to be restarted first',
    { guest: { ...TIED, vm: { ...old.vm, restartRequired: 'a volume' } } },
    { status: 'False', message: expect.stringContaining('stopped and started: a volume') },
  ],
  [
    'a KubeVirt that changes no guest that runs',
    { guest: TIED, liveUpdates: false },
    { status: 'False', message: expect.stringContaining('vmRolloutStrategy') },
  ],
  [
    'something else',
    { guest: { liveMigratable: TIED.liveMigratable } },
    { status: 'False', reason: 'DisksNotLiveMigratable' },
  ],
])('LiveMigratable says whether: %s', (_, changes, expected) => {
  const seen = view({ status: BUILT, ...changes });
  const input = { view: seen, situation: assess(seen), now: seen.now } as never;
  const said = instanceConditions(input, BUILT).find(({ type }) => type === 'LiveMigratable');
  expect(said).toMatchObject(expected);
});
