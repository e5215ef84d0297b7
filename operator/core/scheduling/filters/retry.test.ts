import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { retryFilter } from './retry.ts';

test('a request does not go back where it failed', () => {
  const request = asking({ ties: { failedHosts: ['node-1', 'gone'] } });
  expect(judge(retryFilter, request, host('node-1'), host('node-2'))).toEqual(['FailedBefore', 'passes']);
});

test('a first attempt goes anywhere', () => {
  expect(judge(retryFilter, asking(), host('node-1'))).toBe('skip');
});
