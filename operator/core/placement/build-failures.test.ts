import { describe, expect, test } from 'vitest';
import type { InstanceStatus } from '#api/instance.ts';
import { view } from '../lifecycle/test-views.ts';
import { BuildFailures, buildsOf, FAILURE_COUNTS_MS } from './build-failures.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;

const failed = (nodeName: string, time: number, id = `failed-${time}`) => ({
  id,
  nodeName,
  time,
  succeeded: false,
});
const succeeded = (nodeName: string, time: number) => ({
  ...failed(nodeName, time, `ok-${time}`),
  succeeded: true,
});

describe('a node', () => {
  test('has as many as failed there', () => {
    const failures = new BuildFailures();
    expect(failures.note(failed('a', NOON), NOON)).toBe(true);
    expect(failures.note(failed('a', NOON + 1), NOON + 1)).toBe(true);
    expect([failures.count('a', NOON + 1), failures.count('b', NOON + 1)]).toEqual([2, 0]);
  });

  test('has each once, however often it is seen', () => {
    const failures = new BuildFailures();
    failures.note(failed('a', NOON), NOON);
    expect(failures.note(failed('a', NOON), NOON)).toBe(false);
    expect(failures.count('a', NOON)).toBe(1);
  });

  test.each([
    ['seen in their order', [failed('a', NOON), succeeded('a', NOON + 1)]],
    ['seen the other way round', [succeeded('a', NOON + 1), failed('a', NOON)]],
  ])('has none once a build succeeded after it: %s', (_, builds) => {
    const failures = new BuildFailures();
    for (const build of builds) failures.note(build, NOON + MINUTE);
    expect(failures.count('a', NOON + MINUTE)).toBe(0);
  });

  test('keeps a failure that came after the success', () => {
    const failures = new BuildFailures();
    for (const build of [failed('a', NOON), succeeded('a', NOON - 1), succeeded('b', NOON + 1)])
      failures.note(build, NOON + MINUTE);
    expect(failures.count('a', NOON + MINUTE)).toBe(1);
  });

  test('is given another try after an hour', () => {
    const failures = new BuildFailures();
    failures.note(failed('a', NOON), NOON);
    failures.note(failed('a', NOON + MINUTE), NOON + MINUTE);
    expect(failures.forgottenInMs('a', NOON + MINUTE)).toBe(FAILURE_COUNTS_MS - MINUTE);
    expect(failures.count('a', NOON + FAILURE_COUNTS_MS)).toBe(1);
    expect(failures.count('a', NOON + FAILURE_COUNTS_MS + MINUTE)).toBe(0);
    expect(failures.forgottenInMs('a', NOON + FAILURE_COUNTS_MS + MINUTE)).toBeUndefined();
  });
});

describe("an Instance's status", () => {
  const requestId = 'req-6fa459ea-ee8a-4ca4-894e-db77e160355e';
  const time = new Date(NOON).toISOString();
  const creation = { name: 'Create', requestId, startTime: time, finishTime: time } as const;
  const builds = (status: InstanceStatus) =>
    buildsOf(view({ status }).instance).map((build) => [build.nodeName, build.succeeded]);

  test('tells of the nodes that refused it, and of the one that did not', () => {
    const placement = { requestId, nodeName: 'b', excluded: [{ nodeName: 'a', message: 'full', time }] };
    expect(builds({ placement })).toEqual([['a', false]]);
    expect(builds({ placement, lastOperations: [{ ...creation, result: 'Succeeded' }] })).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  test('tells of a build that ended in a fault on its node', () => {
    const placement = { requestId, nodeName: 'b' };
    expect(builds({ placement, lastOperations: [{ ...creation, result: 'Failed' }] })).toEqual([
      ['b', false],
    ]);
  });

  test('tells of none where no node was found', () => {
    const lastOperations = [{ ...creation, result: 'Failed' as const }];
    expect(builds({ placement: { requestId }, lastOperations })).toEqual([]);
  });
});
