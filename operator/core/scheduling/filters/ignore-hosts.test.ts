import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { ignoreHostsFilter } from './ignore-hosts.ts';

test('a move does not go to its source', () => {
  const request = asking({ ties: { ignoreHosts: ['source', 'unknown'] } });
  expect(judge(ignoreHostsFilter, request, host('source'), host('other'))).toEqual(['Ignored', 'passes']);
});

test('nothing to ignore, nothing to do', () => {
  expect(judge(ignoreHostsFilter, asking(), host('a'))).toBe('skip');
  expect(judge(ignoreHostsFilter, asking({ ties: { ignoreHosts: [] } }), host('a'))).toBe('skip');
  expect(judge(ignoreHostsFilter, asking({ ties: { ignoreHosts: ['unknown'] } }), host('a'))).toBe('skip');
});
