import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge } from '../testing/judge.ts';
import { differentHostFilter } from './different-host.ts';

test('no host of any of the hinted Instances', () => {
  const request = asking({ ties: { differentHosts: ['a', 'c', 'gone'] } });
  expect(judge(differentHostFilter, request, host('a'), host('b'), host('c'))).toEqual([
    'HintedInstanceThere',
    'passes',
    'HintedInstanceThere',
  ]);
});

test('any host while they are on none, or when nothing is hinted', () => {
  expect(judge(differentHostFilter, asking({ ties: { differentHosts: [] } }), host('a'))).toBe('skip');
  expect(judge(differentHostFilter, asking(), host('a'))).toBe('skip');
});
