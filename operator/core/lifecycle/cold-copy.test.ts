import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { assess } from './assess.ts';
import { deadlineOf } from './deadline.ts';
import { claimOfDisk, diskRecordAfter, diskRecordOf } from './disk-record.ts';
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
    expect(waiting).toMatchObject({ taskState: 'ResizeMigrating', action: { kind: 'none' } });
    expect(waiting.next).toBeUndefined();
    expect(assess(migrating('ResizeMigrating', { status, copyDisks: ready(true) }))).toMatchObject({
      action: { kind: 'proveOff' },
      next: 'ResizeMigrated',
      record: { moved: true },
    });
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
    expect(assess(migrating('ResizeMigrating', { homeLost: 'node-1 is Down' }))).toMatchObject({
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

describe('which are the disks', () => {
  const disks = { copy: COPY };
  const at = (moved: boolean) =>
    migrating('ResizeReverting', { status: { disks, resize: { ...RECORD, moved } } });

  test('is said by the record of the move alone, as long as it can be given back', () => {
    expect(claimOfDisk(at(false).instance, 'root')).toBe('web-1-root');
    expect(claimOfDisk(at(true).instance, 'root')).toBe('web-1-root-0a0b0c0d');
    expect(diskRecordOf(at(true).instance).left).toEqual([{ name: 'root', claimName: 'web-1-root' }]);
    expect(diskRecordAfter(at(true), {})).toMatchObject({ moved: [], copy: COPY, left: [] });
  });

  test('a guest that was not seen there has the old ones again', () => {
    const situation = assess(at(true));
    expect(situation).toMatchObject({ action: { kind: 'none' }, disk: { copy: null, left: COPY.disks } });
  });

  test('one that was has the new ones, which are copied back', () => {
    const there = {
      nodeName: 'node-2',
      power: 'failed',
      disks: { claims: { root: 'web-1-root-0a0b0c0d' }, copiedTo: {}, isTakenUp: false },
    } as const;
    const seen = { ...at(true), guest: { ...at(true).guest, ...there } };
    expect(diskRecordAfter(seen, {})).toEqual({
      moved: COPY.disks,
      copy: undefined,
      left: [{ name: 'root', claimName: 'web-1-root' }],
    });
    const rootDisk = { claimName: 'web-1-root-0a0b0c0d' };
    const back = migrating('ResizeReverting', {
      status: { rootDisk, resize: { ...RECORD, moved: true } },
      outOfReach: { 'node-1': ['root'], 'node-2': [] },
    });
    expect(assess(back).disk?.copy).toMatchObject({ nodeName: 'node-1', disks: [{ name: 'root' }] });
  });
});
