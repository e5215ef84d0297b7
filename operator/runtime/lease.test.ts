import { describe, expect, test } from 'vitest';
import {
  checkElection,
  heldBy,
  type Lease,
  LeaseObserver,
  type LeaseSpec,
  microTime,
  released,
} from './lease.ts';

const now = new Date('2026-11-23T10:00:00.123Z');

function lease(resourceVersion: number, spec: LeaseSpec): Lease {
  const metadata = {
    name: 'l',
    namespace: 'n',
    uid: 'u',
    resourceVersion: `${resourceVersion}`,
    creationTimestamp: '',
  };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
}

describe('what is written', () => {
  test('a first holder, then a renewal, then a successor', () => {
    const first = heldBy('a', undefined, 5_000, now);
    expect(first).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 5, leaseTransitions: 0 });
    const later = new Date(now.getTime() + 1_000);
    const renewed = heldBy('a', first, 5_000, later);
    expect(renewed).toMatchObject({
      acquireTime: first.acquireTime,
      renewTime: microTime(later),
      leaseTransitions: 0,
    });
    expect(heldBy('b', renewed, 5_000, later)).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('a time has six decimals, a duration whole seconds that are not too short', () => {
    expect(microTime(now)).toBe('2026-11-23T10:00:00.123000Z');
    expect(heldBy('a', undefined, 1_500, now).leaseDurationSeconds).toBe(2);
  });
});

describe('who may take it', () => {
  const held = lease(7, heldBy('a', undefined, 5_000, new Date(0)));

  test('nobody before it was seen unchanged for its whole duration, whatever time is written in it', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 1_000);
    observer.observe(held, 4_000);
    expect(observer.mayTake(held.spec, 'b', 5_000, 6_000)).toBe(false);
    expect(observer.mayTake(held.spec, 'b', 5_000, 6_001)).toBe(true);
  });

  test('a renewal starts the time anew', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 0);
    observer.observe(lease(8, held.spec), 4_900);
    expect(observer.mayTake(held.spec, 'b', 5_000, 9_900)).toBe(false);
    expect(observer.mayTake(held.spec, 'b', 5_000, 9_901)).toBe(true);
  });

  test('the longer of the two durations counts', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 0);
    expect(observer.mayTake(held.spec, 'b', 2_000, 3_000)).toBe(false);
    expect(observer.mayTake(held.spec, 'b', 9_000, 6_000)).toBe(false);
  });

  test('its holder always, and anyone once it is released', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 0);
    expect(observer.mayTake(held.spec, 'a', 5_000, 1)).toBe(true);
    expect(observer.mayTake(released(held.spec, now), 'b', 5_000, 1)).toBe(true);
  });
});

test('settings that could have two leaders are refused', () => {
  expect(() => checkElection({ leaseMs: 5_000, renewDeadlineMs: 5_000, retryMs: 1_000 })).toThrow(
    'less than leaseMs',
  );
  expect(() => checkElection({ leaseMs: 5_000, renewDeadlineMs: 3_000, retryMs: 2_000 })).toThrow(
    'two tries',
  );
});
