import { expect, test } from 'vitest';
import { type NodeRequirement, selectorText, selectsNode } from './node-selector.ts';

const labels = { zone: 'a', disks: '4', ssd: '' };
const matches = (...matchExpressions: NodeRequirement[]) =>
  selectsNode([{ matchExpressions }], 'node-1', labels);

test.each<[NodeRequirement, boolean]>([
  [{ key: 'zone', operator: 'In', values: ['a', 'b'] }, true],
  [{ key: 'zone', operator: 'In', values: ['b'] }, false],
  [{ key: 'rack', operator: 'In', values: [''] }, false],
  [{ key: 'zone', operator: 'NotIn', values: ['b'] }, true],
  [{ key: 'zone', operator: 'NotIn', values: ['a'] }, false],
  [{ key: 'rack', operator: 'NotIn', values: ['r1'] }, true],
  [{ key: 'ssd', operator: 'Exists' }, true],
  [{ key: 'rack', operator: 'Exists' }, false],
  [{ key: 'rack', operator: 'DoesNotExist' }, true],
  [{ key: 'zone', operator: 'DoesNotExist' }, false],
  [{ key: 'disks', operator: 'Gt', values: ['3'] }, true],
  [{ key: 'disks', operator: 'Gt', values: ['4'] }, false],
  [{ key: 'disks', operator: 'Lt', values: ['10'] }, true],
  [{ key: 'zone', operator: 'Lt', values: ['10'] }, false],
  [{ key: 'rack', operator: 'Lt', values: ['10'] }, false],
  [{ key: 'disks', operator: 'Gt', values: ['3', '2'] }, false],
  [{ key: 'zone', operator: 'Near', values: ['a'] }, false],
])('%o: %s', (requirement, met) => {
  expect(matches(requirement)).toBe(met);
});

test('all requirements of a term, of one term at least', () => {
  const zone = { key: 'zone', operator: 'In', values: ['a'] };
  const rack = { key: 'rack', operator: 'Exists' };
  expect(matches(zone, rack)).toBe(false);
  const either = [{ matchExpressions: [rack] }, { matchExpressions: [zone] }];
  expect(selectsNode(either, 'node-1', labels)).toBe(true);
  expect(selectorText(either)).toBe('rack Exists, or zone In (a)');
});

test('a field is the name of the node', () => {
  const named = (key: string) => [{ matchFields: [{ key, operator: 'In', values: ['node-1'] }] }];
  expect(selectsNode(named('metadata.name'), 'node-1', undefined)).toBe(true);
  expect(selectsNode(named('metadata.name'), 'node-2', undefined)).toBe(false);
  expect(selectsNode(named('metadata.namespace'), 'node-1', undefined)).toBe(false);
});

test('no terms, and a term that asks for nothing, choose no node', () => {
  expect(selectsNode([], 'node-1', labels)).toBe(false);
  expect(selectsNode([{}], 'node-1', labels)).toBe(false);
});
