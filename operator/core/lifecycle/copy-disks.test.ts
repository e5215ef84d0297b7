import { describe, expect, test } from 'vitest';
import { assess } from './assess.ts';
import { afterDeadline } from './deadline.ts';
import { diskRecordAfter, recordedDisks } from './disk-record.ts';
import type { GuestView, MoveView } from './guest-view.ts';
import { instanceConditions } from './instance-conditions.ts';
import type { OperationRequest } from './request.ts';
import type { Situation } from './situation.ts';
import { BUILT, moveView, NO_GUEST, type ViewChanges, view } from './test-views.ts';
import { whyVolumeWaits } from './volume-wish.ts';

const REQUEST_ID = 'req-11111111-2222-4333-8444-555555555555';
const NEW = 'web-1-root-0a0b0c0d';
const ROOT_COPY = { name: 'root', claimName: NEW };
const copy = { nodeName: 'node-2', requestId: REQUEST_ID, disks: [ROOT_COPY] };

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

const vmWith = (claims: Record<string, string>) => ({ runs: true, deleting: false, claims });
const old = {
  vm: vmWith({ root: 'web-1-root' }),
  disks: { claims: { root: 'web-1-root' }, copiedTo: {}, isTakenUp: false },
};
const named = { ...old, vm: vmWith({ root: NEW }) };
const asked = { ...named, disks: { claims: { root: NEW }, copiedTo: { root: NEW }, isTakenUp: false } };
const taken = { ...named, disks: { ...asked.disks, isTakenUp: true }, ...MOVABLE };
const there = {
  ...named,
  disks: { claims: { root: NEW }, copiedTo: {}, isTakenUp: false },
  nodeName: 'node-2',
};

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
      status: { ...inFlight, disks: { copy } },
      asking: request,
      targetClaim: 'node-2',
      copyDisks: { [NEW]: FULL },
      ...changes,
    }),
  );
const name = (claimName: string) => ({ kind: 'nameDisks', disks: [{ name: 'root', claimName }] });

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
      {
        copy: {
          ...copy,
          disks: [{ name: 'root', claimName: expect.stringMatching(/^web-1-root-[0-9a-f]{8}$/) }],
        },
      },
    ]);
    expect(began({ targetClaim: 'node-3' }).disk?.copy?.disks).not.toEqual(disk?.copy?.disks);
  });

  test('what an earlier move left goes first', () => {
    const status = { ...inFlight, disks: { left: [{ name: 'root', claimName: 'web-1-root-old' }] } };
    const leftDisks = [{ name: 'root', claimName: 'web-1-root-old', isDeleting: false }];
    expect(began({ status, leftDisks }).action).toEqual({
      kind: 'dropDisk',
      name: 'root',
      claimName: 'web-1-root-old',
    });
    // Made a moment ago, it is not in the caches yet: forgotten once the API server was asked to drop it.
    expect(began({ status })).toMatchObject({ action: { kind: 'dropDisk' }, disk: { left: [] } });
  });

  test('what an earlier move left and does not go is told of', () => {
    const left = { name: 'root', claimName: 'web-1-root-old' };
    const status = { ...inFlight, disks: { left: [left] } };
    expect(began({ status, leftDisks: [{ ...left, isDeleting: true }] })).toMatchObject({
      action: { kind: 'none' },
      blocked: {
        reason: 'VolumeInUse',
        message: expect.stringContaining('PersistentVolumeClaim web-1-root-old'),
      },
    });
  });

  test('of one that is shared nothing is copied', () => {
    expect(began({ guest: { ...old, ...MOVABLE } }).action).toEqual({ kind: 'liveMigrate' });
  });

  test.each<[string, ViewChanges, object]>([
    [
      'an empty disk is made',
      { copyDisks: {}, guest: old },
      { kind: 'makeCopy', ...ROOT_COPY, nodeName: 'node-2' },
    ],
    ['it is waited for', { copyDisks: { [NEW]: { ...FULL, ready: false } }, guest: old }, { kind: 'none' }],
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
    const recorded = (
      status: ViewChanges['status'],
      now: ViewChanges['guest'],
      it: Situation | object = {},
    ) => recordedDisks(diskRecordAfter(view({ ...(status && { status }), ...(now && { guest: now }) }), it));
    const left = [{ name: 'root', claimName: 'web-1-root' }];
    const moved = { rootDisk: { claimName: NEW }, disks: { left } };
    expect(recorded({ ...inFlight, disks: { copy } }, guest, situation)).toEqual(moved);
    const over = { ...there, power: 'succeeded', migrating: true } as const;
    expect(recorded({ ...BUILT, disks: { copy } }, over)).toEqual(moved);
    expect(recorded({ ...BUILT, disks: { copy } }, { ...there, migrating: true })).toMatchObject({
      disks: { copy },
    });
    // As an earlier version wrote it.
    const { disks: _, ...place } = copy;
    const rootDisk = { claimName: 'web-1-root-a', copy: { ...place, claimName: NEW }, left: 'web-1-root' };
    expect(recorded({ ...BUILT, rootDisk }, over)).toEqual({
      rootDisk: { claimName: NEW },
      disks: { left: [...left, { name: 'root', claimName: 'web-1-root-a' }] },
    });
  });
});

describe('volumes that are not shared, beside it', () => {
  const data = {
    name: 'data',
    claimName: 'web-1-data',
    wanted: true,
    configured: true,
    guest: 'ready',
    held: true,
    made: true,
    deleteOnTermination: false,
    replaceable: true,
    shared: false,
  } as const;
  const DATA_COPY = { name: 'data', claimName: 'web-1-data-0a0b0c0d' };
  const both = { ...copy, disks: [ROOT_COPY, DATA_COPY] };
  const tied = { ...old, ...TIED, tiedBy: ['root', 'data'] };
  const began = (volume: object = {}) =>
    assess(
      view({
        status: inFlight,
        asking: request,
        targetClaim: 'node-2',
        guest: tied,
        volumes: [{ ...data, ...volume }],
      }),
    );
  const with2 = (changes: ViewChanges) =>
    copying({
      status: { ...inFlight, disks: { copy: both } },
      copyDisks: { [NEW]: FULL, [DATA_COPY.claimName]: FULL },
      volumes: [data],
      ...changes,
    });
  const claims = { root: NEW, data: DATA_COPY.claimName };

  test('are copied in the same move, if they were made for the Instance, and the guest has them', () => {
    expect(began().disk?.copy?.disks.map((it) => it.name)).toEqual(['root', 'data']);
    for (const not of [{ replaceable: false }, { guest: 'plugging' }, { wanted: false }])
      expect(began(not).disk).toBeUndefined();
  });

  test('are made each, named at once, and waited for until KubeVirt has taken up all', () => {
    expect(with2({ copyDisks: { [NEW]: FULL }, guest: old }).action).toEqual({
      kind: 'makeCopy',
      ...DATA_COPY,
      nodeName: 'node-2',
    });
    expect(with2({ guest: old }).action).toEqual({ kind: 'nameDisks', disks: both.disks });
    const partly = { claims, copiedTo: { root: NEW }, isTakenUp: true };
    expect(with2({ guest: { vm: vmWith(claims), disks: partly, ...MOVABLE } }).action).toEqual({
      kind: 'none',
    });
    const taken2 = { claims, copiedTo: claims, isTakenUp: true };
    expect(with2({ guest: { vm: vmWith(claims), disks: taken2, ...MOVABLE } }).action).toEqual({
      kind: 'liveMigrate',
    });
  });

  test('are where the guest is, all or none', () => {
    const onTarget = (now: Record<string, string>) =>
      diskRecordAfter(
        view({
          status: { ...BUILT, disks: { copy: both } },
          spec: { volumes: [{ name: 'data', blank: { size: '1Gi' } }] },
          guest: { nodeName: 'node-2', disks: { claims: now, copiedTo: {}, isTakenUp: false } },
        }),
        {},
      );
    expect(onTarget(claims)).toEqual({
      moved: both.disks,
      copy: undefined,
      left: [
        { name: 'root', claimName: 'web-1-root' },
        { name: 'data', claimName: 'web-1-data' },
      ],
    });
    expect(onTarget({ ...claims, data: 'web-1-data' })).toMatchObject({ copy: both, left: [] });
  });

  test('are not changed by the list meanwhile, which says why', () => {
    const status = { ...BUILT, disks: { copy: both } };
    const guest = { ...taken, vm: vmWith(claims), moves: [move({ phase: 'Pending' })] };
    const seen = view({ status, guest, homeLost: 'node-1 is Down', volumes: [{ ...data, wanted: false }] });
    expect(assess(seen).operation).toBeUndefined();
    expect(whyVolumeWaits(seen)).toMatchObject({ reason: 'OperationInProgress' });
  });

  test('of a deleted Instance are known before the guest goes', () => {
    const gone = (
      guest: ViewChanges['guest'],
      status: ViewChanges['status'] = { ...BUILT, disks: { copy: both } },
    ) => assess(view({ deleting: true, status, ...(guest && { guest }) })).action;
    const arrived = { nodeName: 'node-2', disks: { claims, copiedTo: {}, isTakenUp: false } };
    expect(gone(arrived)).toEqual({ kind: 'none' });
    expect(gone({ moves: [move()] })).toMatchObject({ kind: 'abortMigration' });
    expect(gone({ moves: [move()] }, { ...BUILT, disks: { copy } })).toEqual({ kind: 'deleteVm' });
    expect(gone({})).toEqual({ kind: 'deleteVm' });
  });

  test('that were kept under another claim are taken up there, which is written down first', () => {
    const keptVolumes = [DATA_COPY];
    const blank = { name: 'data', blank: { size: '1Gi' } };
    const seen = view({ spec: { volumes: [blank] }, guest: NO_GUEST, claimNode: undefined, keptVolumes });
    expect(assess(seen)).toMatchObject({ taskState: 'Scheduling', action: { kind: 'none' } });
    expect(diskRecordAfter(seen, {}).moved).toEqual([DATA_COPY]);
    const attaching = view({
      status: {
        ...BUILT,
        taskState: 'AttachingVolume',
        operation: {
          name: 'AttachVolume',
          requestId: 'req-1',
          startTime: '2026-01-01T00:00:00Z',
          waitingFor: '',
        },
      },
      volumes: [{ ...data, configured: false }],
      keptVolumes,
    });
    expect(assess(attaching)).toMatchObject({ taskState: 'AttachingVolume', action: { kind: 'none' } });
  });
});

describe('KubeVirt does not get on with it', () => {
  const half = (seconds: number, claims = { root: 'web-1-root' }) => ({
    claims,
    copiedTo: { root: NEW },
    isTakenUp: true,
    halfSince: new Date(Date.parse('2026-01-01T01:00:00Z') - 1000 * seconds),
  });
  const failed = {
    outcome: {
      result: 'Failed',
      code: 'MigrationRefused',
      message: expect.stringContaining('stopped and started'),
    },
    disk: { copy: null, left: [ROOT_COPY] },
  };
  const restart = 'it was stopped and started: a volume';

  test('since it names no new claim, though it says that it will copy: given up after a while, for good', () => {
    expect(copying({ guest: { ...named, ...MOVABLE, disks: half(2) } }).action).toEqual({
      kind: 'lookAgain',
    });
    expect(copying({ guest: { ...named, ...MOVABLE, disks: half(20) } })).toMatchObject({
      action: name('web-1-root'),
      taskState: 'Migrating',
    });
    expect(copying({ guest: { ...old, ...MOVABLE, disks: half(20) } })).toMatchObject(failed);
  });

  test('since it wants the guest restarted: nothing is named anew when the old claims are named again', () => {
    const refused = (claims: Record<string, string>) => ({ ...vmWith(claims), restartRequired: restart });
    expect(copying({ guest: { ...named, vm: refused({ root: NEW }) } }).action).toEqual(name('web-1-root'));
    expect(copying({ guest: { ...old, vm: refused({ root: 'web-1-root' }) } })).toMatchObject(failed);
  });

  test('it has taken it back, but for its own record: it has ended', () => {
    const guest = {
      ...old,
      ...MOVABLE,
      disks: half(0),
      moves: [move({ end: 'failed', failure: 'no route' })],
    };
    expect(copying({ guest })).toMatchObject({ outcome: { code: 'MigrationFailed' }, disk: failed.disk });
  });

  test('another node is tried only once it has taken all back', () => {
    const asking = {
      ...request,
      migration: { targetNode: undefined },
      placement: {
        requestId: REQUEST_ID,
        nodeName: 'node-2',
        excluded: [{ nodeName: 'node-2', message: 'no', time: '2026-01-01T00:00:00Z' }],
      },
    } as never;
    const again = (guest: ViewChanges['guest']) => copying({ asking, ...(guest && { guest }) });
    expect(again({ ...old, ...MOVABLE, disks: half(20) })).toMatchObject({ action: { kind: 'none' } });
    expect(again({ ...old, ...MOVABLE, disks: half(20) }).disk).toBeUndefined();
    expect(again({ ...old, ...TIED }).disk).toEqual(failed.disk);
  });

  test('then the guest cannot move', () => {
    const seen = view({ status: BUILT, guest: { ...MOVABLE, disks: half(20) } });
    const input = { view: seen, situation: assess(seen), now: seen.now } as never;
    expect(instanceConditions(input, BUILT).find(({ type }) => type === 'LiveMigratable')).toMatchObject({
      status: 'False',
      message: expect.stringContaining('stopped and started'),
    });
  });
});

test('of a disk that is only just full KubeVirt may not know yet: it is not named at once', () => {
  const at = (seconds: number) => new Date(Date.parse('2026-01-01T01:00:00Z') - 1000 * seconds);
  const action = (seconds: number) =>
    copying({ guest: old, copyDisks: { [NEW]: { ...FULL, readySince: at(seconds) } } }).action;
  expect(action(1)).toEqual({ kind: 'lookAgain' });
  expect(action(4)).toEqual(name(NEW));
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
      { guest: { ...taken, ...old, disks: taken.disks, ...failed } },
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
      { outcome: { result: 'Failed' }, disk: { copy: null, left: [ROOT_COPY] } },
    ],
    [
      'of a guest that is off KubeVirt takes nothing back',
      { guest: { ...old, disks: taken.disks, power: 'succeeded', ...failed } },
      { outcome: { code: 'GuestStopped' }, disk: { copy: null, left: [ROOT_COPY] } },
    ],
    [
      'cancelled while the disk is made',
      { guest: old, asking: { ...request, cancelled: true }, copyDisks: {} },
      { outcome: { result: 'Cancelled' }, disk: { copy: null, left: [ROOT_COPY] } },
    ],
    [
      'KubeVirt wants a restart instead',
      { guest: { ...old, vm: { ...named.vm, restartRequired: 'volumes' } } },
      { action: name('web-1-root') },
    ],
    [
      'its place is on another node by now',
      { guest: old, targetClaim: 'node-3' },
      { action: { kind: 'none' }, disk: { copy: null, left: [ROOT_COPY] } },
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

describe('a guest that was taken away before anybody saw where it was', () => {
  const vm = { ...vmWith({ root: NEW }), copy: { to: { root: NEW }, isOpen: false } };
  const gone = { ...NO_GUEST, vm, disk: FULL } satisfies Partial<GuestView>;

  test('had moved, if its migration says so', () => {
    const arrivals = [{ requestId: REQUEST_ID, targetNode: undefined }];
    const guest = { ...gone, arrivals };
    expect(copying({ guest })).toMatchObject({
      outcome: { code: 'GuestStopped', message: expect.stringContaining('its disks are on node-2') },
    });
    const seen = view({ status: { ...BUILT, disks: { copy } }, guest });
    expect(assess(seen)).toMatchObject({ operation: undefined, action: { kind: 'none' } });
    expect(diskRecordAfter(seen, {})).toMatchObject({ moved: [ROOT_COPY], copy: undefined });
    for (const other of [{ requestId: 'req-other' }, { targetNode: 'node-3' }]) {
      const not = view({
        status: { ...BUILT, disks: { copy } },
        guest: { ...gone, arrivals: [{ ...arrivals[0], ...other }] as never },
      });
      expect(diskRecordAfter(not, {})).toMatchObject({ moved: [], copy });
    }
  });

  test('is kept off, with both claims, if nothing says it, whatever is in flight, for as long as it takes', () => {
    const situation = copying({ guest: gone });
    expect(situation).toMatchObject({
      operation: 'LiveMigrate',
      taskState: 'Migrating',
      action: { kind: 'haltVm' },
      blocked: { reason: 'DisksUnknown', message: expect.stringContaining(`either ${NEW} have`) },
    });
    const late = view({ status: { ...inFlight, disks: { copy } }, guest: gone });
    expect(afterDeadline(late, situation, undefined)).toBe(situation);
    expect(copying({ guest: { ...gone, vm: { ...vm, runs: false } } }).action).toEqual({ kind: 'none' });
  });

  test('until somebody has deleted what is not the disk', () => {
    const seen = { status: { ...BUILT, disks: { copy } }, copyDisks: { [NEW]: FULL }, guest: gone };
    const lost = view({ ...seen, lostDisks: ['root'] });
    expect(diskRecordAfter(lost, assess(lost))).toMatchObject({ moved: [ROOT_COPY], copy: undefined });
    expect(assess(view({ ...seen, copyDisks: {} })).action).toEqual(name('web-1-root'));
  });

  test.each<[string, Partial<GuestView>]>([
    ['KubeVirt had not taken it up', { vm: vmWith({ root: NEW }) }],
    ['KubeVirt says that it was not done', { vm: { ...vm, copy: { ...vm.copy, isOpen: true } } }],
    ['the old claim is named again', { vm: { ...vm, claims: { root: 'web-1-root' } } }],
  ])('has its old disk, if %s', (_, changes) => {
    const seen = view({
      status: { ...BUILT, disks: { copy } },
      copyDisks: { [NEW]: FULL },
      guest: { ...gone, ...changes },
    });
    expect(assess(seen).blocked).toBeUndefined();
    expect(diskRecordAfter(seen, assess(seen)).moved).toEqual([]);
  });

  test('deleted: of volumes that outlive it both claims stay', () => {
    const DATA_COPY = { name: 'data', claimName: 'web-1-data-0a0b0c0d' };
    const claims = { root: NEW, data: DATA_COPY.claimName };
    const both = { ...copy, disks: [ROOT_COPY, DATA_COPY] };
    const guest = { ...gone, vm: { ...vmWith(claims), copy: { to: claims, isOpen: false } } };
    const seen = view({ deleting: true, status: { ...BUILT, disks: { copy: both } }, guest });
    expect(assess(seen)).toMatchObject({ action: { kind: 'none' }, disk: { copy: null, left: [ROOT_COPY] } });
  });
});

describe('what a move that is over left', () => {
  const leftOf = (disks: object, changes: ViewChanges = {}, more: object = {}) =>
    assess(view({ status: { ...BUILT, ...more, disks }, ...changes }));

  test('is taken back once nothing moves any more', () => {
    const lost = { guest: { ...taken, moves: [move()] }, homeLost: 'node-1 is Down' };
    expect(leftOf({ copy }, lost).action).toEqual({ kind: 'none' });
    expect(leftOf({ copy }, { guest: lost.guest }).action).toMatchObject({ kind: 'abortMigration' });
    expect(leftOf({ copy }, { guest: taken }).action).toEqual(name('web-1-root'));
    const isLong = {
      guest: { ...taken, ...old, disks: { ...taken.disks, claims: { root: NEW } } },
      spec: { powerState: 'Stopped' as const },
    };
    expect(leftOf({ copy }, isLong).action).toEqual({ kind: 'haltVm' }); // a stop does not wait for KubeVirt
    expect(leftOf({ copy }, { guest: old }).disk).toEqual({ copy: null, left: [ROOT_COPY] });
  });

  test('is deleted, but for what a VM or a guest names, or a second pod may have', () => {
    const left = [
      { name: 'root', claimName: 'web-1-root' },
      { name: 'data', claimName: 'web-1-data' },
    ];
    const moved = { rootDisk: { claimName: NEW } };
    const [root, data] = left.map((it) => ({ ...it, isDeleting: false }));
    const leftDisks = [root, data] as ViewChanges['leftDisks'];
    const drop = (it: object | undefined) => ({ kind: 'dropDisk', ...it });
    expect(leftOf({ left }, { guest: there, leftDisks }, moved).action).toEqual(drop(left[0]));
    expect(leftOf({ left }, { guest: old, leftDisks }, moved).action).toEqual(drop(left[1]));
    expect(leftOf({ left }, { guest: { ...there, pods: ['a', 'b'] }, leftDisks }, moved).action).toEqual({
      kind: 'none',
    });
    const goes = [{ ...left[0], isDeleting: true }] as ViewChanges['leftDisks'];
    expect(leftOf({ left }, { guest: there, ...(goes && { leftDisks: goes }) }, moved)).toMatchObject({
      action: drop(left[1]),
      disk: { left: [left[0]] },
    });
    expect(leftOf({ left }, { guest: there }, moved)).toMatchObject({
      action: drop(left[0]),
      disk: { left: [left[1]] },
    });
  });
});

test.each<[string, ViewChanges, object]>([
  ['it is copied', { guest: TIED }, { status: 'True', reason: 'RootDiskCopied' }],
  [
    'a claim of the user is not',
    { guest: { ...TIED, tiedBy: ['root', 'data'] } },
    {
      status: 'False',
      message:
        'spec.volumes data: it is not shared (ReadWriteMany), and is not copied along, as root disks are, and blank volumes that the guest has',
    },
  ],
  [
    'a guest that has to be restarted first',
    { guest: { ...TIED, vm: { ...old.vm, restartRequired: 'a volume' } } },
    {
      status: 'False',
      message: expect.stringMatching(/stopped and started.*spec.powerState to Stopped.*: a volume/),
    },
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
