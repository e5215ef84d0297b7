import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { assess } from './assess.ts';
import { deadlineOf } from './deadline.ts';
import { diskRecordAfter } from './disk-record.ts';
import { DEFAULT_DEADLINES } from './operations.ts';
import { BUILT, type ViewChanges, view } from './test-views.ts';

const requestId = 'req-11111111-2222-4333-8444-555555555555';
const FLAVOR = { name: 'small', vcpus: 1, memoryMiB: 1024, rootDiskGiB: 10, ephemeralDiskGiB: 0, swapMiB: 0 };
const RECORD = {
  requestId,
  flavor: FLAVOR,
  oldFlavor: FLAVOR,
  sourceNode: 'node-1',
  targetNode: 'node-2',
  ran: true,
  moved: false,
};
const COPY = {
  requestId,
  nodeName: 'node-2',
  disks: [{ name: 'root', claimName: 'web-1-root-0a0b0c0d' }],
};
const OFF: ViewChanges['guest'] = {
  vm: { runs: false, deleting: false },
  power: 'absent',
  nodeName: undefined,
  pods: [],
};
const DOWN = { code: 'NodeDown', message: 'node-1 is Down' };
const ready = (isReady: boolean) => ({
  'web-1-root-0a0b0c0d': { exists: true, ready: isReady, detail: 'root disk: CloneInProgress 45.0%' },
});

/** In the middle of a cold migration of a root disk that node-2 does not reach. */
function migrating(
  taskState: 'ResizeMigrating' | 'ResizeReverting',
  { status, ...changes }: ViewChanges & { status?: Partial<InstanceStatus> } = {},
) {
  const operation = { name: 'ColdMigrate', requestId, startTime: '2026-01-01T00:59:00Z' };
  return view({
    status: { ...BUILT, taskState, operation, resize: RECORD, ...status } as InstanceStatus,
    guest: OFF,
    outOfReach: { 'node-1': [], 'node-2': ['root'] },
    ...changes,
  });
}

describe('once the guest is off', () => {
  test('what is to be copied is written down first, and may take as long as a live migration', () => {
    const seen = migrating('ResizeMigrating');
    const situation = assess(seen);
    expect(situation).toMatchObject({
      taskState: 'ResizeMigrating',
      action: { kind: 'none' },
      disk: { copy: { requestId, nodeName: 'node-2', disks: [{ name: 'root' }] } },
    });
    const minutes = (of: typeof situation) =>
      ((deadlineOf(seen.instance, of, seen.now, DEFAULT_DEADLINES)?.getTime() ?? 0) - seen.now.getTime()) /
      60_000;
    expect(minutes(situation)).toBe(65);
    expect(minutes({ ...situation, disk: { copy: null } })).toBe(5);
  });

  test('then made with what is on the disk, and waited for', () => {
    const status = { disks: { copy: COPY } };
    expect(assess(migrating('ResizeMigrating', { status })).action).toEqual({
      kind: 'makeCopy',
      ...COPY.disks[0],
      nodeName: 'node-2',
      isFull: true,
    });
    const waiting = assess(migrating('ResizeMigrating', { status, copyDisks: ready(false) }));
    expect(waiting).toMatchObject({ taskState: 'ResizeMigrating', action: { kind: 'lookAgain' } });
    expect(waiting.next).toBeUndefined();
    const copyReach = { 'web-1-root-0a0b0c0d': true };
    expect(assess(migrating('ResizeMigrating', { status, copyDisks: ready(true) })).next).toBeUndefined();
    expect(assess(migrating('ResizeMigrating', { status, copyDisks: ready(true), copyReach }))).toMatchObject(
      {
        action: { kind: 'proveOff' },
        next: 'ResizeMigrated',
        record: { moved: true },
        disk: { hasMoved: true },
      },
    );
  });

  test('a guest that somebody started meanwhile is stopped, and the copies are made anew', () => {
    const runs = { vm: { runs: true, deleting: false }, power: 'running', nodeName: 'node-1' } as const;
    const situation = assess(
      migrating('ResizeMigrating', {
        status: { disks: { copy: COPY } },
        guest: runs,
        copyDisks: ready(true),
      }),
    );
    expect(situation).toMatchObject({ action: { kind: 'haltVm' }, disk: { copy: null, left: COPY.disks } });
  });

  test('off a node that is lost nothing is waited for', () => {
    expect(assess(migrating('ResizeMigrating', { unfitNodes: { 'node-1': DOWN } }))).toMatchObject({
      taskState: 'ResizeReverting',
      record: { failure: { code: 'NodeDown' } },
    });
  });

  test('where the new node reaches all there is nothing to copy', () => {
    expect(assess(migrating('ResizeMigrating', { outOfReach: { 'node-2': [] } })).action.kind).toBe(
      'proveOff',
    );
  });
});

describe('given back', () => {
  const rootDisk = { claimName: 'web-1-root-0a0b0c0d' };
  const back = (changes: ViewChanges = {}) =>
    migrating('ResizeReverting', {
      status: { rootDisk, resize: { ...RECORD, moved: true }, ...changes.status },
      outOfReach: { 'node-1': ['root'], 'node-2': [] },
      ...Object.fromEntries(Object.entries(changes).filter(([key]) => key !== 'status')),
    });

  test('before it was at its new place: it has its own disks, and the copies go', () => {
    const seen = migrating('ResizeReverting', { status: { disks: { copy: COPY } } });
    expect(assess(seen)).toMatchObject({ action: { kind: 'none' }, disk: { copy: null, left: COPY.disks } });
  });

  test('after that: what it has there is copied back', () => {
    expect(assess(back()).disk?.copy).toMatchObject({ nodeName: 'node-1', disks: [{ name: 'root' }] });
  });

  test('to a node that is lost, nothing is begun: it stays where it is, and says so', () => {
    const operation = { name: 'RevertResize', requestId, startTime: '2026-01-01T00:59:00Z' } as const;
    const status = {
      rootDisk,
      resize: { ...RECORD, moved: true, finishTime: '2026-01-01T00:30:00Z' },
      operation,
    };
    const runs = { vm: { runs: true, deleting: false }, power: 'running', nodeName: 'node-2' } as const;
    for (const guest of [OFF, runs]) {
      const situation = assess(
        back({ status: status as InstanceStatus, guest, unfitNodes: { 'node-1': DOWN } }),
      );
      expect(situation).toMatchObject({
        taskState: undefined,
        action: { kind: 'none' },
        outcome: {
          result: 'Failed',
          code: 'NodeDown',
          message: expect.stringContaining('It stays Resized on node-2'),
        },
      });
    }
  });
});

test('a volume that was made elsewhere is no disk, and the old one is kept', () => {
  const status = { disks: { copy: COPY } };
  const seen = migrating('ResizeMigrating', {
    status,
    copyDisks: ready(true),
    copyReach: { 'web-1-root-0a0b0c0d': false },
  });
  expect(assess(seen)).toMatchObject({
    taskState: 'ResizeReverting',
    record: {
      failure: { code: 'CopyElsewhere', message: expect.stringContaining('node-2 does not reach it') },
    },
  });
  const disk = { moved: [], copy: undefined, left: COPY.disks };
  expect(diskRecordAfter(seen, { disk: { copy: null, left: COPY.disks } })).toEqual(disk);
});

test('what is the disk is never copied to itself, nor left', () => {
  const { disk } = assess(migrating('ResizeMigrating'));
  const [made] = disk?.copy?.disks ?? [];
  const rootDisk = { claimName: made?.claimName ?? '' };
  expect(assess(migrating('ResizeMigrating', { status: { rootDisk } }))).toMatchObject({
    record: { failure: { code: 'CopyElsewhere' } },
  });
});
