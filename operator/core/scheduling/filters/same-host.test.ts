import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { sameHostFilter } from './same-host.ts';

const hosts = [host('a'), host('b'), host('c')];

test('a host of any of the hinted Instances', () => {
  expect(judge(sameHostFilter, asking({ ties: { sameHosts: ['a', 'c'] } }), ...hosts)).toEqual([
    'passes',
    'NotSameHost',
    'passes',
  ]);
});

test('none while they are on no host; any when nothing is hinted', () => {
  expect(judge(sameHostFilter, asking({ ties: { sameHosts: [] } }), host('a'))).toEqual(['NotSameHost']);
  expect(judge(sameHostFilter, asking(), host('a'))).toBe('skip');
});
