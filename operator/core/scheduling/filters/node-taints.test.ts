import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { nodeTaintsFilter } from './node-taints.ts';

const tainted = (key: string, effect = 'NoSchedule', value?: string) =>
  host('a', { taints: [{ key, effect, ...(value !== undefined && { value }) }] });
const says = (state: ReturnType<typeof host>, tolerations: object[] = []) =>
  judge(nodeTaintsFilter, asking({ tolerations }), state)[0];

test('a node with a taint is left out, and the taint named', () => {
  expect(says(tainted('gpu'))).toBe('NodeTainted');
  expect(says(tainted('gpu', 'NoExecute'))).toBe('NodeTainted');
  expect(preparedFor(nodeTaintsFilter, asking(), tainted('gpu')).detail?.(0)).toBe('gpu');
});

test('a cordoned node has a reason of its own', () => {
  expect(says(tainted('node.kubernetes.io/unschedulable'))).toBe('NodeCordoned');
});

test('a node without taints, or with a wish only, passes', () => {
  expect(says(host('a'))).toBe('passes');
  expect(says(tainted('gpu', 'PreferNoSchedule'))).toBe('passes');
});

test('what every pod tolerates does not count: such a node is down', () => {
  expect(says(tainted('node.kubernetes.io/unreachable', 'NoExecute'))).toBe('passes');
});

test.each([
  ['of the key', { key: 'gpu', operator: 'Exists' }, 'passes'],
  ['of everything', { operator: 'Exists' }, 'passes'],
  ['of the value', { key: 'gpu', value: 'a100' }, 'passes'],
  ['of another value', { key: 'gpu', value: 'h100' }, 'NodeTainted'],
  ['of another effect', { key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, 'NodeTainted'],
  ['of another key', { key: 'nic', operator: 'Exists' }, 'NodeTainted'],
])('a toleration %s', (_, toleration, verdict) => {
  expect(says(tainted('gpu', 'NoSchedule', 'a100'), [toleration])).toBe(verdict);
});
