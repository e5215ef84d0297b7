import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { requestedHostsFilter } from './requested-hosts.ts';

test('a stopped Instance starts on its own node and no other', () => {
  const request = asking({ ties: { onlyHosts: ['own'] } });
  expect(judge(requestedHostsFilter, request, host('own'), host('other'))).toEqual([
    'passes',
    'NotRequested',
  ]);
});

test('a request that names none goes anywhere, one that names hosts that are gone goes nowhere', () => {
  expect(judge(requestedHostsFilter, asking(), host('a'))).toBe('skip');
  expect(judge(requestedHostsFilter, asking({ ties: { onlyHosts: [] } }), host('a'))).toEqual([
    'NotRequested',
  ]);
  expect(judge(requestedHostsFilter, asking({ ties: { onlyHosts: ['gone'] } }), host('a'))).toEqual([
    'NotRequested',
  ]);
});
