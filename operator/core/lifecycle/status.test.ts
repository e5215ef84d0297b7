import { describe, expect, test } from 'vitest';
import { assess } from './assess.ts';
import { afterDeadline, deadlineOf } from './deadline.ts';
import { instanceStatus } from './status.ts';
import { BUILT, NO_GUEST, type ViewChanges, view } from './test-views.ts';

const now = new Date('2026-01-01T01:00:00Z');
const began = new Date('2026-01-01T00:59:00Z');

function statusOf(changes: ViewChanges) {
  const seen = view(changes);
  const situation = assess(seen);
  return instanceStatus({
    view: seen,
    situation,
    placement: undefined,
    flavor: undefined,
    now,
    began,
    deadline: undefined,
    waitingFor: undefined,
  });
}

describe('what was carried out', () => {
  test.each([
    ['Running', { runs: true, deleting: false }, 'Running'],
    ['Stopped', { runs: false, deleting: false }, 'Stopped'],
    ['Paused', { runs: true, deleting: false }, 'Running'],
  ] as const)('a create that is asked for %s leaves what it made', (powerState, vm, applied) => {
    expect(
      statusOf({ spec: { powerState }, guest: { vm, power: vm.runs ? 'running' : 'absent' } })
        .appliedPowerState,
    ).toBe(applied);
  });

  test('Stopped that was asked for while the guest booted is still to be done', () => {
    const status = statusOf({ spec: { powerState: 'Stopped' } });
    expect(status.appliedPowerState).toBe('Running');
    expect(assess(view({ spec: { powerState: 'Stopped' }, status })).operation).toBe('Stop');
  });
});

describe('states', () => {
  test.each([
    [
      'a guest that boots',
      { claimNode: 'node-1', guest: { power: 'starting' } },
      'Building',
      'Spawning',
      'NoState',
    ],
    ['a guest that runs', { status: BUILT }, 'Active', undefined, 'Running'],
    ['a guest that crashed', { status: BUILT, guest: { power: 'failed' } }, 'Stopped', undefined, 'Crashed'],
    [
      'a guest on a node that does not report',
      { status: BUILT, guest: { power: 'unknown' } },
      'Active',
      undefined,
      'NoState',
    ],
    ['an Instance that goes', { status: BUILT, deleting: true }, 'Deleting', 'Deleting', 'Running'],
  ] as const)('of %s', (_, changes, vmState, taskState, powerState) => {
    expect(statusOf(changes)).toMatchObject({ vmState, powerState });
    expect(statusOf(changes).taskState).toBe(taskState);
  });

  test('Ready says in words what is waited for', () => {
    const ready = statusOf({ claimNode: undefined, guest: NO_GUEST }).conditions?.find(
      ({ type }) => type === 'Ready',
    );
    expect(ready).toMatchObject({
      status: 'False',
      reason: 'Scheduling',
      message: 'waits for a node that it fits on',
    });
  });
});

describe('deadlines', () => {
  const booting = view({ guest: { power: 'starting' } });

  test('run from the task state, and keep what was written', () => {
    const situation = assess(booting);
    expect(deadlineOf(booting.instance, situation, began, { Spawning: 60_000 })).toEqual(now);
    const operation = {
      name: 'Create',
      requestId: 'req-x',
      startTime: '',
      waitingFor: '',
      deadline: '2030-01-01T00:00:00.000Z',
    } as const;
    const written = view({ status: { taskState: 'Spawning', operation }, guest: { power: 'starting' } });
    expect(deadlineOf(written.instance, situation, began, { Spawning: 60_000 })?.getUTCFullYear()).toBe(2030);
  });

  test('end in a fault that says what was waited for; a delete goes on waiting', () => {
    expect(afterDeadline(booting, assess(booting), 'an image')).toMatchObject({
      outcome: {
        code: 'DeadlineExceeded',
        message: expect.stringContaining('Spawning took too long: waited for an image'),
      },
    });
    const deleting = view({ deleting: true });
    expect(afterDeadline(deleting, assess(deleting), undefined)).toMatchObject({
      operation: 'Delete',
      blocked: { reason: 'DeadlineExceeded' },
    });
  });
});

test('a built Instance whose claim is lost keeps its place, by which the claim is made anew; a shelved one has none', () => {
  const lost = {
    claimNode: undefined,
    guest: { power: 'absent', nodeName: undefined },
    status: { ...BUILT, nodeName: 'node-1' },
  } as const;
  expect(statusOf(lost).nodeName).toBe('node-1');
  expect(statusOf({ ...lost, spec: { shelved: true } }).nodeName).toBeUndefined();
});
