import { expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import type { Occupant } from './occupant.ts';
import { drainedOf, maintenancePlan } from './plan.ts';

const now = new Date('2026-01-01T12:00:00Z');
const settings = { nodeName: 'node-1', allowCold: false, maxConcurrent: 2, now };

const live = (status: 'True' | 'False', message = 'it can move') =>
  [
    { type: 'LiveMigratable', status, reason: 'x', message, lastTransitionTime: '2026-01-01T00:00:00Z' },
  ] as InstanceStatus['conditions'];

function occupant(
  key: string,
  status: InstanceStatus = {},
  changes: Partial<Occupant> & { locked?: boolean } = {},
): Occupant {
  const { locked = false, ...rest } = changes;
  return {
    key,
    instance: {
      spec: { locked } as Occupant['instance']['spec'],
      status: { vmState: 'Active', nodeName: 'node-1', conditions: live('True'), ...status },
    },
    isIncoming: false,
    isAsked: false,
    failures: 0,
    lastFailure: undefined,
    ...rest,
  };
}

test('a few at a time, by name; those under way take their places', () => {
  const all = ['d', 'c', 'b', 'a'].map((key) => occupant(key));
  expect(maintenancePlan(all, settings)).toMatchObject({
    start: [
      { key: 'a', type: 'Live' },
      { key: 'b', type: 'Live' },
    ],
    report: { left: 4, moving: 2, waiting: 2, blocked: 0 },
  });
  const one = occupant('a', {}, { isAsked: true });
  expect(maintenancePlan([one, occupant('b'), occupant('c')], settings).start).toEqual([
    { key: 'b', type: 'Live' },
  ]);
});

test('a second look at what is asked for asks for nothing', () => {
  const asked = ['a', 'b', 'c'].map((key) => occupant(key, {}, { isAsked: true }));
  expect(maintenancePlan(asked, settings).start).toEqual([]);
});

test.each<[string, InstanceStatus, object, string]>([
  ['its disk is not shared', { conditions: live('False', 'PVC x is not shared') }, {}, 'NotLiveMigratable'],
  ['it is off', { vmState: 'Stopped' }, {}, 'Stopped'],
  ['it is locked', {}, { locked: true }, 'Locked'],
  ['it is suspended', { vmState: 'Suspended' }, {}, 'WrongState'],
  ['its move waits for a confirmation', { vmState: 'Resized', nodeName: 'node-2' }, {}, 'AwaitsConfirmation'],
  [
    'its last move failed just now',
    {},
    { failures: 1, lastFailure: { time: now, message: 'no room' } },
    'MoveFailed',
  ],
])('blocked: %s', (_, status, changes, reason) => {
  const { start, report } = maintenancePlan([occupant('a', status, changes)], settings);
  expect(start).toEqual([]);
  expect(report).toMatchObject({ blocked: 1, blockers: [{ instance: 'a', reason }] });
});

test('cold only where that is allowed, and after those that move live', () => {
  const tied = occupant('a', { conditions: live('False', 'PVC x is not shared') });
  const off = occupant('b', { vmState: 'Stopped' });
  const { start } = maintenancePlan([tied, off, occupant('c')], { ...settings, allowCold: true });
  expect(start).toEqual([
    { key: 'c', type: 'Live' },
    { key: 'a', type: 'Cold' },
  ]);
});

test('what is done to it otherwise comes first, also KubeVirt’s verdict', () => {
  const operation = { name: 'SoftReboot', requestId: 'req-1', startTime: '', waitingFor: '' } as const;
  const waiting = [
    occupant('a', { operation }),
    occupant('b', { conditions: [] }),
    occupant('c', { vmState: 'Building' }),
  ];
  expect(maintenancePlan(waiting, settings).report).toMatchObject({ waiting: 3, blocked: 0, moving: 0 });
  const foreign = occupant('d', { operation: { ...operation, name: 'LiveMigrate' } });
  expect(maintenancePlan([foreign], settings).report.moving).toBe(1);
});

test('a move that failed is tried again, each time later', () => {
  const ago = (seconds: number, failures: number) =>
    occupant(
      'a',
      {},
      { failures, lastFailure: { time: new Date(now.getTime() - seconds * 1000), message: 'no room' } },
    );
  expect(maintenancePlan([ago(61, 1)], settings).start).toHaveLength(1);
  const { start, lookAt } = maintenancePlan([ago(61, 2)], settings);
  expect(start).toHaveLength(0);
  expect(lookAt).toEqual(new Date(now.getTime() + 59_000));
  expect(maintenancePlan([ago(601, 20)], settings).start).toHaveLength(1);
});

test('blockers are counted all and listed in part', () => {
  const many = Array.from({ length: 100 }, (_, i) => occupant(`i-${i}`, { vmState: 'Stopped' }));
  const { report } = maintenancePlan(many, settings);
  expect(report.blocked).toBe(100);
  expect(report.blockers).toHaveLength(32);
});

test('the condition Drained', () => {
  const reasonOf = (...occupants: Occupant[]) =>
    drainedOf(maintenancePlan(occupants, settings).report).reason;
  expect(reasonOf()).toBe('Empty');
  expect(reasonOf(occupant('a', { vmState: 'Stopped' }))).toBe('Blocked');
  expect(reasonOf(occupant('a', { vmState: 'Stopped' }), occupant('b'))).toBe('Moving');
});
