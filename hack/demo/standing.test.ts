import { expect, test } from 'vitest';
import type { Instance, InstanceStatus } from '#api/instance.ts';
import { reasonOf, standingOf } from './standing.ts';

const NOW = '2026-01-01T00:00:00Z';

function instance(status?: InstanceStatus, deletionTimestamp?: string): Instance {
  const metadata = {
    name: 'web-1',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: NOW,
    deletionTimestamp,
  };
  return { metadata, spec: {}, status } as unknown as Instance;
}

const ready = (status: 'True' | 'False', reason: string): InstanceStatus => ({
  conditions: [{ type: 'Ready', status, reason, message: 'so it is', lastTransitionTime: NOW }],
});

test.each([
  ['new', instance(), 'onTheWay'],
  ['at work', instance(ready('False', 'Spawning')), 'onTheWay'],
  ['running', instance(ready('True', 'Active')), 'ready'],
  ['stopped as asked', instance(ready('True', 'Stopped')), 'ready'],
  ['too large', instance(ready('False', 'NoValidHost')), 'fitsNowhere'],
  [
    'out of attempts',
    instance({ ...ready('False', 'NoValidHost'), fault: { code: 'NoValidHost', message: '', time: NOW } }),
    'failed',
  ],
  ['going away', instance(ready('True', 'Active'), NOW), 'onTheWay'],
] as const)('an Instance that is %s', (_what, given, standing) => {
  expect(standingOf(given)).toBe(standing);
});

test('the reason is the one of Ready', () => {
  expect(reasonOf(instance(ready('False', 'NoValidHost')))).toBe('web-1: NoValidHost: so it is');
  expect(reasonOf(instance())).toContain('has not looked at it');
});
