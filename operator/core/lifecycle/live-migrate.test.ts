import { describe, expect, test } from 'vitest';
import { assess } from './assess.ts';
import { afterDeadline } from './deadline.ts';
import type { MoveView } from './guest-view.ts';
import type { OperationRequest } from './request.ts';
import type { Situation } from './situation.ts';
import { BUILT, moveView, type ViewChanges, view } from './test-views.ts';
import { refusalOf } from './verdict.ts';

const REQUEST_ID = 'req-11111111-2222-4333-8444-555555555555';

const request: OperationRequest = {
  kind: 'InstanceMigration',
  name: 'move-1',
  uid: 'move-1-uid',
  requestId: REQUEST_ID,
  operation: 'LiveMigrate',
  cancelled: false,
  requestedBy: undefined,
};

const move = (changes: Partial<MoveView> = {}) => moveView({ requestId: REQUEST_ID, ...changes });

/** As written at the start of a move off node-1. */
const inFlight = (taskState: 'Migrating' | 'MigrationAborting' = 'Migrating', waitingFor = 'KubeVirt') =>
  ({
    ...BUILT,
    taskState,
    operation: {
      name: 'LiveMigrate',
      requestId: REQUEST_ID,
      source: { kind: 'InstanceMigration', name: 'move-1' },
      sourceNode: 'node-1',
      startTime: '2026-01-01T00:00:00Z',
      waitingFor,
    },
  }) as const;

const look = ({ status, ...changes }: ViewChanges = {}): Situation =>
  assess(view({ status: status ?? inFlight(), asking: request, targetClaim: 'node-2', ...changes }));

describe('asked for by an InstanceMigration', () => {
  test('it is written down with the source before anything is done', () => {
    const asked = { ...request, migration: { type: 'Live' } as never };
    const taken = assess(view({ status: BUILT, requests: [asked] }));
    expect(taken).toMatchObject({
      taskState: 'Migrating',
      action: { kind: 'none' },
      move: { sourceNode: 'node-1' },
    });
  });

  test('first the claim, then KubeVirt is asked, then it is waited for', () => {
    expect(look({ targetClaim: undefined }).action).toEqual({ kind: 'claimTarget' });
    expect(look().action).toEqual({ kind: 'liveMigrate' });
    expect(look({ guest: { moves: [move()] } })).toMatchObject({
      taskState: 'Migrating',
      action: { kind: 'none' },
    });
  });

  test('refused where KubeVirt says that the guest cannot move', () => {
    const condition = {
      type: 'LiveMigratable',
      status: 'False',
      reason: 'DisksNotLiveMigratable',
      message: 'PVC web-1-root is not shared',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    } as const;
    const { instance } = view({ status: { ...BUILT, conditions: [condition] } });
    expect(refusalOf(request, instance)).toMatchObject({
      reason: 'NotPossible',
      message: expect.stringContaining('PVC web-1-root is not shared'),
    });
  });
});

describe('where the guest is decides how it ended', () => {
  const there = { nodeName: 'node-2' };
  const cancelled = { ...request, cancelled: true };
  test.each<[string, ViewChanges, object | undefined]>([
    [
      'there, and said to have succeeded',
      { guest: { ...there, moves: [move({ end: 'succeeded' })] } },
      { result: 'Succeeded' },
    ],
    [
      'there, and said to have failed',
      { guest: { ...there, moves: [move({ end: 'failed' })] } },
      { result: 'Succeeded' },
    ],
    ['there, and forgotten', { guest: there }, { result: 'Succeeded' }],
    [
      'there, although cancelled',
      { guest: there, asking: cancelled },
      { result: 'Succeeded', message: expect.stringContaining('too late') },
    ],
    ['there, but not ended', { guest: { ...there, moves: [move()] } }, undefined],
    [
      'here, said to have succeeded: the cache lags',
      { guest: { moves: [move({ end: 'succeeded' })] } },
      undefined,
    ],
    [
      'here, and failed',
      { guest: { moves: [move({ end: 'failed', failure: 'no route' })] } },
      { result: 'Failed', message: 'KubeVirt: no route. The guest stays where it is' },
    ],
    [
      'here, and cancelled',
      { guest: { moves: [move({ end: 'failed' })] }, asking: cancelled },
      { result: 'Cancelled' },
    ],
    ['here, and its object is gone', { asking: undefined }, { result: 'Cancelled' }],
    [
      'here, cancelled, but KubeVirt still moves it',
      { guest: { migrating: true }, asking: cancelled },
      undefined,
    ],
    ['off', { guest: { power: 'failed' } }, { result: 'Failed', code: 'GuestStopped' }],
  ])('%s', (_, changes, outcome) => {
    const found = look(changes).outcome;
    if (outcome) expect(found).toMatchObject(outcome);
    else expect(found).toBeUndefined();
  });
});

describe('given up', () => {
  const abort = { kind: 'abortMigration', name: REQUEST_ID, uid: 'vmim' };

  test('when it is cancelled; asked once', () => {
    const asking = { ...request, cancelled: true };
    const moves = [move()];
    expect(look({ asking, guest: { moves } })).toMatchObject({
      taskState: 'MigrationAborting',
      action: abort,
    });
    const deleting = [move({ isDeleting: true })];
    expect(look({ asking, guest: { moves: deleting } }).action).toEqual({ kind: 'none' });
  });

  test('at the deadline: first it is written down, then KubeVirt is asked, and the reason is kept to the end', () => {
    const late = afterDeadline(view(), look({ guest: { moves: [move()] } }), undefined);
    expect(late).toMatchObject({
      taskState: 'MigrationAborting',
      action: { kind: 'none' },
      move: { sourceNode: 'node-1' },
    });
    const status = inFlight('MigrationAborting', late.blocked?.message);
    expect(look({ status, guest: { moves: [move()] } })).toMatchObject({
      action: abort,
      blocked: late.blocked && { message: late.blocked.message },
    });
    const { outcome } = look({ status, guest: { moves: [move({ end: 'failed', failure: 'aborted' })] } });
    expect(outcome).toMatchObject({
      result: 'Failed',
      message: expect.stringContaining('took longer than it may'),
    });
  });

  test('when kube-scheduler refuses one that KubeVirt made: which node it was is left on it, for the next', () => {
    const trouble = { kind: 'unschedulable', message: 'kube-scheduler refused the node: full' } as const;
    const status = inFlight('MigrationAborting', trouble.message);
    const drained = look({ status, guest: { trouble, moves: [move({ origin: 'KubeVirt: an eviction' })] } });
    expect(drained.action).toEqual({ ...abort, refusal: { message: trouble.message, nodeName: 'node-2' } });
    expect(look({ status, guest: { trouble, moves: [move()] } }).action).toEqual(abort);
  });

  test('when KubeVirt does not even do that', () => {
    const stuck = look({
      status: inFlight('MigrationAborting'),
      guest: { moves: [move({ isDeleting: true })] },
    });
    expect(afterDeadline(view(), stuck, undefined).outcome).toMatchObject({
      result: 'Failed',
      code: 'DeadlineExceeded',
    });
  });

  test('when kube-scheduler refuses the claimed node: it would wait for minutes', () => {
    const trouble = {
      kind: 'unschedulable',
      message: 'kube-scheduler refused the node: Too many pods',
    } as const;
    expect(look({ guest: { trouble, moves: [move({ phase: 'Scheduling' })] } })).toMatchObject({
      taskState: 'MigrationAborting',
      blocked: { reason: 'NoValidHost' },
    });
  });
});

describe('the node that the guest is to leave is lost', () => {
  const homeLost = 'node-1 is Down: the kubelet stopped reporting';
  const said = expect.stringContaining(homeLost);

  test('KubeVirt is told to give the move up, and is not waited for', () => {
    expect(look({ homeLost, guest: { moves: [move()], migrating: true } })).toMatchObject({
      taskState: 'MigrationAborting',
      action: { kind: 'abortMigration', name: REQUEST_ID },
      blocked: { reason: 'NodeDown', message: homeLost },
    });
    const status = inFlight('MigrationAborting', homeLost);
    const told = look({ status, homeLost, guest: { moves: [move({ isDeleting: true })], migrating: true } });
    expect(told.outcome).toMatchObject({ result: 'Failed', code: 'NodeDown', message: said });
  });

  test.each<[string, ViewChanges]>([
    ['nothing was begun', {}],
    ['KubeVirt ended it', { guest: { moves: [move({ end: 'failed' })] } }],
    ['KubeVirt forgot it, and the guest is said to move', { guest: { migrating: true } }],
  ])('where %s, it fails for that', (_, changes) => {
    expect(look({ homeLost, ...changes }).outcome).toMatchObject({ code: 'NodeDown', message: said });
  });

  test('a guest that is on its new node already has moved', () => {
    expect(look({ homeLost, guest: { nodeName: 'node-2', moves: [move()] } })).toMatchObject({
      taskState: 'Migrating',
      action: { kind: 'none' },
    });
    expect(look({ homeLost, guest: { nodeName: 'node-2' } }).outcome).toMatchObject({ result: 'Succeeded' });
  });

  test('what was given up is not taken up as a move of others, however long KubeVirt has it', () => {
    const ended = {
      name: 'LiveMigrate',
      requestId: REQUEST_ID,
      result: 'Failed',
      startTime: '2026-01-01T00:00:00Z',
      finishTime: '2026-01-01T00:01:00Z',
      generation: 1,
    } as const;
    const status = { ...BUILT, lastOperations: [ended] } as typeof BUILT;
    expect(
      assess(view({ status, guest: { moves: [move({ isDeleting: true })] } })).operation,
    ).toBeUndefined();
  });
});

describe('kube-scheduler refuses the claimed node', () => {
  const trouble = { kind: 'unschedulable', message: 'kube-scheduler refused the node: full' } as const;
  const moves = [move({ phase: 'Scheduling' })];
  const migration = { type: 'Live' } as OperationRequest['migration'];
  const asking = { ...request, migration } as OperationRequest;
  const refusedBy = (...nodes: string[]): OperationRequest => ({
    ...asking,
    placement: { requestId: REQUEST_ID, excluded: nodes.map((nodeName) => ({ nodeName, message: 'full' })) },
  });

  test('that is written down, the attempt ended, the place given up, and another one claimed', () => {
    expect(look({ asking, guest: { trouble, moves } }).action).toEqual({
      kind: 'passOver',
      nodeName: 'node-2',
      message: trouble.message,
    });
    const passedOver = { asking: refusedBy('node-2') };
    expect(look({ ...passedOver, guest: { trouble, moves } })).toMatchObject({
      taskState: 'Migrating',
      action: { kind: 'abortMigration' },
      blocked: { message: expect.stringContaining('node-2 refused') },
    });
    const ending = [move({ end: 'failed', isDeleting: true })];
    expect(look({ ...passedOver, guest: { moves: ending } })).toMatchObject({ action: { kind: 'none' } });
    const pods = ['virt-launcher-a', 'virt-launcher-b'];
    expect(look({ ...passedOver, guest: { pods } })).toMatchObject({ action: { kind: 'none' } });
    expect(look(passedOver).action).toEqual({ kind: 'dropTarget' });
    expect(look({ ...passedOver, targetClaim: undefined }).action).toEqual({ kind: 'claimTarget' });
    expect(look({ ...passedOver, targetClaim: 'node-3' }).action).toEqual({ kind: 'liveMigrate' });
  });

  test('not where the node takes it after all', () => {
    const { action } = look({ asking: refusedBy('node-2'), guest: { moves } });
    expect(action).toEqual({ kind: 'none' });
  });

  test('not for ever, and not where a node was named', () => {
    const abort = { taskState: 'MigrationAborting', blocked: { reason: 'NoValidHost' } };
    expect(look({ asking: refusedBy('node-3', 'node-4'), guest: { trouble, moves } })).toMatchObject(abort);
    const named = { ...asking, migration: { type: 'Live', targetNode: 'node-2' } } as OperationRequest;
    expect(look({ asking: named, guest: { trouble, moves } })).toMatchObject(abort);
  });

  test('a cancel, and a guest that went off, end it all the same', () => {
    const cancelled = { ...refusedBy('node-2'), cancelled: true };
    expect(look({ asking: cancelled, guest: { moves: [] } }).outcome).toMatchObject({ result: 'Cancelled' });
    expect(look({ asking: refusedBy('node-2'), guest: { power: 'failed' } }).outcome).toMatchObject({
      code: 'GuestStopped',
    });
  });
});

describe('asked for by others', () => {
  const foreign = move({
    name: 'evacuation',
    requestId: 'req-vmim',
    origin: 'KubeVirt: an eviction from node-1',
  });

  test('it is taken up like a request, once KubeVirt looks for a place', () => {
    expect(
      assess(view({ status: BUILT, guest: { moves: [{ ...foreign, phase: 'Pending' }] } })).operation,
    ).toBeUndefined();
    expect(assess(view({ status: BUILT, guest: { moves: [foreign] } }))).toMatchObject({
      operation: 'LiveMigrate',
      request: { kind: 'VirtualMachineInstanceMigration', name: 'evacuation', requestedBy: foreign.origin },
      move: { sourceNode: 'node-1' },
    });
  });

  test('nobody cancels it for want of an InstanceMigration, and one that is deleted has failed', () => {
    const operation = {
      ...inFlight().operation,
      requestId: 'req-vmim',
      source: { kind: 'VirtualMachineInstanceMigration', name: 'evacuation' },
    } as const;
    const status = { ...inFlight(), operation };
    expect(look({ status, asking: undefined, guest: { moves: [foreign] } }).taskState).toBe('Migrating');
    expect(look({ status, asking: undefined }).outcome).toMatchObject({
      result: 'Failed',
      code: 'MigrationFailed',
    });
  });
});
