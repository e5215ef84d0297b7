import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { afterDeadline } from './deadline.ts';
import { builtFlavor, resourcesOf } from './guest-size.ts';
import type { GuestView, MoveView } from './guest-view.ts';
import { liveResize } from './live-resize.ts';
import { BUILT, moveView, type ViewChanges, view } from './test-views.ts';

const flavor = (name: string, vcpus: number, memory: string) =>
  builtFlavor(name, { vcpus, memory, rootDisk: '10Gi', ephemeralDisk: '0', swap: '0' }, new Map());
const SMALL = flavor('small', 1, '1Gi');
const WIDE = flavor('wide', 2, '2Gi');
const REQUEST = 'req-00000000-0000-4000-8000-000000000001';
const RECORD = {
  requestId: REQUEST,
  flavor: WIDE,
  oldFlavor: SMALL,
  sourceNode: 'node-1',
  ran: true,
  moved: false,
  live: true,
};

const ofSize = ({ vcpus, memoryMiB }: typeof SMALL) => ({ vcpus, memoryMiB });
const sized = (has: typeof SMALL, asked: typeof SMALL, plugging = false): Partial<GuestView> => ({
  size: {
    ...ofSize(has),
    asked: ofSize(asked),
    most: { vcpus: 4, memoryMiB: 4096 },
    plugging,
    memoryFailed: false,
  },
});
const template = (size: typeof SMALL): Partial<GuestView> => ({
  vm: { runs: true, deleting: false, size: ofSize(size) },
});
const claim = (nodeName: string, size: typeof SMALL, requestId = REQUEST) => ({
  nodeName,
  requestId,
  ...resourcesOf(size, { rootDisk: { ephemeral: false } }, 1),
});
const OLD = claim('node-1', SMALL, 'req-created');
const NEW = claim('node-2', WIDE);
const moving = (changes: Partial<MoveView> = {}) => moveView({ requestId: REQUEST, ...changes });

function look(
  taskState: InstanceStatus['taskState'],
  { record = {}, guest, spec, ...changes }: ViewChanges & { record?: object } = {},
) {
  const resize = { ...RECORD, ...record };
  const operation = {
    name: 'LiveResize' as const,
    requestId: REQUEST,
    startTime: '2026-01-01T00:00:00Z',
    waitingFor: '',
  };
  const seen = view({
    status: { ...BUILT, flavor: SMALL, resize, operation, taskState },
    spec: { flavorRef: { name: 'wide' }, ...spec },
    claims: [OLD],
    guest: { ...sized(SMALL, SMALL), ...template(SMALL), ...guest },
    ...changes,
  });
  return { seen, ...liveResize(seen, { taskState, startTime: new Date(0), requestId: REQUEST }) };
}

const TARGET = { record: { targetNode: 'node-2' }, claims: [OLD, NEW] };
const PLUGGED = { ...sized(SMALL, WIDE, true), ...template(WIDE) };

describe('step by step', () => {
  test('a place is claimed before KubeVirt hears of the new size', () => {
    expect(look('ResizePrep').action).toEqual({ kind: 'claimMove' });
    const claimed = look('ResizePrep', { claims: [OLD, NEW] });
    expect(claimed).toMatchObject({ next: 'ResizePlugging', record: { targetNode: 'node-2' } });
  });

  test('a place on its own node is none: it grows by moving', () => {
    const claims = [claim('node-1', WIDE)];
    expect(look('ResizePrep', { claims }).action).toEqual({ kind: 'claimMove' });
  });

  test("the template is changed, and KubeVirt's word waited for", () => {
    expect(look('ResizePlugging', TARGET).action).toEqual({ kind: 'plugSize', flavor: WIDE });
    const told = look('ResizePlugging', { ...TARGET, guest: template(WIDE) });
    expect([told.action.kind, told.next]).toEqual(['none', undefined]);
    expect(look('ResizePlugging', { ...TARGET, guest: PLUGGED }).next).toBe('Migrating');
  });

  test('it moves, by whose migration ever', () => {
    expect(look('Migrating', { ...TARGET, guest: PLUGGED }).action).toEqual({ kind: 'moveToGrow' });
    const others = [moving({ requestId: 'req-other', phase: 'Pending' })];
    expect(look('Migrating', { ...TARGET, guest: { ...PLUGGED, moves: others } }).action.kind).toBe('none');
  });

  test('a node that kube-scheduler refuses is passed over, a few times', () => {
    const trouble = { kind: 'unschedulable' as const, message: 'no cpu' };
    const refusing = { ...PLUGGED, trouble, moves: [moving({ phase: 'Scheduling' })] };
    const { record } = look('Migrating', { ...TARGET, guest: refusing });
    expect(record).toEqual({ excluded: ['node-2'], targetNode: undefined });
    const excluded = { excluded: ['node-2'] };
    const gone = { ...PLUGGED, moves: [] };
    const next = (changes: ViewChanges) => look('Migrating', { record: excluded, ...changes });
    expect(next({ claims: [OLD, NEW], guest: refusing }).action.kind).toBe('abortMigration');
    expect(next({ claims: [OLD, NEW], guest: gone }).action).toMatchObject({
      kind: 'keepPlace',
      nodeName: 'node-1',
    });
    expect(next({ guest: gone }).action.kind).toBe('claimMove');
    expect(next({ claims: [OLD, claim('node-3', WIDE)], guest: gone }).record).toEqual({
      targetNode: 'node-3',
    });
    const last = { targetNode: 'node-4', excluded: ['node-2', 'node-3'] };
    expect(look('Migrating', { ...TARGET, record: last, guest: refusing })).toMatchObject({
      taskState: 'ResizeReverting',
      record: {
        failure: { code: 'NoValidHost', message: expect.stringContaining('node-2, node-3, node-4') },
      },
    });
  });

  test('it ends when it has grown and nothing of it is left where it was', () => {
    const there = { ...sized(WIDE, WIDE), ...template(WIDE), nodeName: 'node-2', moves: [moving()] };
    expect(look('Migrating', { ...TARGET, guest: there }).outcome).toBeUndefined();
    const gone = { ...there, moves: [moving({ phase: 'Succeeded', end: 'succeeded' as const })] };
    const both = { ...gone, pods: ['a', 'b'] };
    expect(look('Migrating', { ...TARGET, guest: both }).outcome).toBeUndefined();
    expect(look('Migrating', { ...TARGET, guest: gone })).toMatchObject({
      outcome: { result: 'Succeeded' },
      action: { kind: 'keepPlace', nodeName: 'node-2', flavor: WIDE },
      flavor: WIDE,
      record: null,
    });
  });
});

describe('is given up', () => {
  const failed = moving({ phase: 'Failed', end: 'failed', failure: 'no route' });
  test.each<[string, ViewChanges]>([
    ['Superseded', { spec: { flavorRef: { name: 'small' } } }],
    ['GuestStopped', { guest: { power: 'succeeded' } }],
    ['PlugRefused', { guest: { ...PLUGGED, vm: { runs: true, deleting: false, restartRequired: 'why' } } }],
    ['MigrationFailed', { guest: { ...PLUGGED, moves: [failed] } }],
    [
      'PlugFailed',
      {
        guest: {
          ...PLUGGED,
          nodeName: 'node-2',
          moves: [moving({ phase: 'Succeeded', end: 'succeeded' })],
        },
      },
    ],
    ['NodeDown', { homeLost: 'nothing is heard of it', guest: PLUGGED }],
    [
      'NotPossible',
      { guest: { ...PLUGGED, liveMigratable: { possible: false, reason: 'Tied', message: 'why' } } },
    ],
  ])('%s', (code, changes) => {
    expect(look('Migrating', { ...TARGET, ...changes })).toMatchObject({
      taskState: 'ResizeReverting',
      record: { failure: { code } },
    });
  });

  test('where the guest moves already, before anything is claimed', () => {
    const { record } = look('ResizePrep', { guest: { moves: [moving({ requestId: 'req-other' })] } });
    expect(record).toMatchObject({ failure: { code: 'GuestMoves' } });
  });

  test('when a step takes too long', () => {
    const { seen, ...situation } = look('Migrating', { ...TARGET, guest: PLUGGED });
    expect(afterDeadline(seen, situation, undefined)).toMatchObject({
      taskState: 'ResizeReverting',
      record: { failure: { code: 'DeadlineExceeded' } },
    });
  });
});

describe('given back', () => {
  const back = {
    ...TARGET,
    record: { targetNode: 'node-2', failure: { code: 'MigrationFailed', message: 'x' } },
  };

  test('the migration ends, then template and claims are as before, and it is held', () => {
    const guest = { ...PLUGGED, moves: [moving()] };
    expect(look('ResizeReverting', { ...back, guest }).action.kind).toBe('abortMigration');
    expect(look('ResizeReverting', { ...back, guest: { ...PLUGGED, pods: ['a', 'b'] } }).action.kind).toBe(
      'none',
    );
    expect(look('ResizeReverting', { ...back, guest: PLUGGED }).action).toEqual({
      kind: 'plugSize',
      flavor: SMALL,
    });
    const asked = { ...PLUGGED, ...template(SMALL) };
    const keep = { kind: 'keepPlace', nodeName: 'node-1', flavor: SMALL };
    expect(look('ResizeReverting', { ...back, guest: asked }).action).toEqual(keep);
    const end = look('ResizeReverting', { ...back, claims: [OLD], guest: asked });
    expect(end).toMatchObject({
      record: null,
      outcome: { result: 'Failed', code: 'MigrationFailed' },
      heldFlavor: {
        name: 'wide',
        reason: 'ResizeFailed',
        message: expect.stringContaining('until the guest is stopped'),
      },
    });
  });

  test('a migration that has moved the guest is over, whatever KubeVirt waits for', () => {
    const guest = { ...PLUGGED, nodeName: 'node-2', moves: [moving()] };
    expect(look('ResizeReverting', { ...back, guest }).action.kind).toBe('plugSize');
  });

  test('off a node that is lost nothing is waited for: KubeVirt ends no migration without it', () => {
    const lost = { ...back, homeLost: 'nothing is heard of node-1' };
    const guest = { ...PLUGGED, migrating: true, pods: ['a', 'b'], moves: [moving()] };
    expect(look('ResizeReverting', { ...lost, guest }).action.kind).toBe('abortMigration');
    const told = { ...guest, moves: [moving({ isDeleting: true })] };
    expect(look('ResizeReverting', { ...lost, guest: told }).action.kind).toBe('plugSize');
    const end = look('ResizeReverting', { ...lost, guest: { ...told, ...template(SMALL) } });
    expect(end).toMatchObject({ record: null, outcome: { result: 'Failed' } });
  });

  test("KubeVirt's next migration, which has no pod yet, is not waited for", () => {
    const pending = moving({ requestId: 'req-updater', phase: 'Pending', origin: 'KubeVirt' });
    const guest = { ...PLUGGED, ...template(SMALL), moves: [pending] };
    expect(look('ResizeReverting', { ...back, claims: [OLD], guest }).outcome?.result).toBe('Failed');
  });

  test('what had grown after all is kept, and succeeds', () => {
    const guest = { ...sized(WIDE, WIDE), ...template(SMALL), nodeName: 'node-2' };
    expect(look('ResizeReverting', { ...back, guest }).action).toEqual({ kind: 'plugSize', flavor: WIDE });
    expect(
      look('ResizeReverting', { ...back, guest: { ...guest, ...template(WIDE) } }).outcome,
    ).toMatchObject({
      result: 'Succeeded',
      message: expect.stringContaining('before it was given up'),
    });
  });

  test('what had grown in part is claimed whole, and says so', () => {
    const half = { ...SMALL, vcpus: 2 };
    const guest = { ...sized(half, WIDE), ...template(WIDE), nodeName: 'node-2' };
    expect(look('ResizeReverting', { ...back, guest })).toMatchObject({
      action: { kind: 'keepPlace', nodeName: 'node-2', flavor: WIDE },
      outcome: { result: 'Succeeded', message: expect.stringContaining('a part was plugged') },
    });
  });
});
