import { expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { delayBeforeWrite } from './write-policy.ts';

const start = new Date('2026-01-01T00:00:00Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

function doing(taskState: InstanceStatus['taskState'], reason: string = taskState ?? ''): InstanceStatus {
  const operation = {
    name: 'Create',
    requestId: 'req-1',
    startTime: start.toISOString(),
    waitingFor: '',
  } as const;
  const ready = { type: 'Ready', status: 'False', reason, message: '', lastTransitionTime: '' } as const;
  return { taskState, operation, conditions: [ready] };
}

test.each([
  ['an operation that has just begun waits two seconds', {}, doing('Spawning'), 0.5, undefined, 1_500],
  ['one that has lasted two seconds is written', {}, doing('Spawning'), 2, undefined, 0],
  [
    'what goes on is told anew after a minute',
    doing('BlockDeviceMapping'),
    doing('Spawning'),
    20,
    10,
    50_000,
  ],
  ['what is final is written at once', doing('Spawning'), { vmState: 'Active' }, 0.1, undefined, 0],
  ['why nothing goes on is written at once', {}, doing('Scheduling', 'NoValidHost'), 0.1, undefined, 0],
  [
    'an Image that changed is written at once: a disk may be made of it now',
    { ...doing('Scheduling'), image: { name: 'golden' } },
    { ...doing('Spawning'), image: { name: 'golden', minMemoryMiB: 512 } },
    12,
    10,
    0,
  ],
  [
    'what a move goes on from is written at once, within one task state, too',
    { ...doing('Migrating'), resize: { excluded: ['node-2'] } },
    { ...doing('Migrating'), resize: { excluded: ['node-2'], targetNode: 'node-3' } },
    12,
    10,
    0,
  ],
  [
    'the same reason in other words waits ten seconds',
    doing('Scheduling', 'NoValidHost'),
    doing('Scheduling', 'NoValidHost'),
    12,
    10,
    8_000,
  ],
] as const)('%s', (_, before, now, seconds, lastWrite, delay) => {
  const timing = {
    now: after(seconds),
    taskSince: start,
    lastWrite: lastWrite && after(lastWrite),
    isAwaited: false,
  };
  expect(delayBeforeWrite(before as InstanceStatus, now as InstanceStatus, timing)).toBe(delay);
});

test('who asked for something else meanwhile is told at once what is under way', () => {
  const timing = { now: after(0.5), taskSince: start, lastWrite: undefined, isAwaited: true };
  expect(delayBeforeWrite({}, doing('PoweringOff'), timing)).toBe(0);
});

test('a step of an operation that goes by them is written at once: a restarted operator reads where it was', () => {
  const source = { kind: 'InstanceAction', name: 'reboot-1' } as const;
  const reboot = (taskState: InstanceStatus['taskState']): InstanceStatus => {
    const status = doing(taskState);
    return { ...status, operation: status.operation && { ...status.operation, name: 'HardReboot', source } };
  };
  const timing = { now: after(0.5), taskSince: start, lastWrite: start, isAwaited: false };
  expect(delayBeforeWrite(reboot('RebootingHard'), reboot('RebootStartedHard'), timing)).toBe(0);
});
