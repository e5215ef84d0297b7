import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { volumeTopologyFilter } from './volume-topology.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const onlyOn = (...values: string[]) => [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values }] }];
const named = (name: string) => host(name, { labels: { [HOSTNAME]: name } });

test('a node has to be where every volume is', () => {
  const request = asking({ volumes: [onlyOn('a', 'b'), onlyOn('b', 'c')] });
  expect(judge(volumeTopologyFilter, request, named('a'), named('b'), named('c'), host('bare'))).toEqual([
    'VolumeElsewhere',
    'passes',
    'VolumeElsewhere',
    'VolumeElsewhere',
  ]);
});

test('it says where the volume is', () => {
  const prepared = preparedFor(volumeTopologyFilter, asking({ volumes: [onlyOn('b')] }), named('a'));
  expect(prepared.detail?.(0)).toBe('the volume is where kubernetes.io/hostname In (b)');
});

test('volumes that are reached from everywhere are none of its business', () => {
  expect(judge(volumeTopologyFilter, asking(), host('a'))).toBe('skip');
  expect(judge(volumeTopologyFilter, asking({ volumes: [] }), host('a'))).toBe('skip');
});
