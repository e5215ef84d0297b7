import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { nodeAffinityFilter } from './node-affinity.ts';

const label = 'cpu-model-migration.node.kubevirt.io/Skylake';
const selecting = asking({ nodeSelector: { [label]: 'true' } });

test('a node needs every label that is selected on, with its value', () => {
  const hosts = [
    host('has', { labels: { [label]: 'true', other: 'x' } }),
    host('otherwise', { labels: { [label]: 'false' } }),
    host('none'),
  ];
  expect(judge(nodeAffinityFilter, selecting, ...hosts)).toEqual([
    'passes',
    'NodeLabelMissing',
    'NodeLabelMissing',
  ]);
  expect(preparedFor(nodeAffinityFilter, selecting, host('none')).detail?.(0)).toBe(`${label}=true`);
});

test('without a selector it has nothing to say', () => {
  expect(judge(nodeAffinityFilter, asking(), host('a'))).toBe('skip');
  expect(judge(nodeAffinityFilter, asking({ nodeSelector: {} }), host('a'))).toBe('skip');
});
