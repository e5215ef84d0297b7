import { expect, test } from 'vitest';
import { volumeSelectors } from './volumes.ts';

const zone = (...values: string[]) => ({ key: 'zone', values });
const inZone = (...values: string[]) => ({ matchExpressions: [{ ...zone(...values), operator: 'In' }] });
const topologies = [{ matchLabelExpressions: [zone('a', 'b')] }];

test('a bound volume is where its own affinity says, whatever its class allows', () => {
  expect(volumeSelectors([{ bound: true, affinity: [inZone('a')], topologies }])).toEqual([[inZone('a')]]);
});

test('one that is reached from everywhere asks for nothing', () => {
  expect(volumeSelectors([{ bound: true, topologies }, { bound: false }])).toEqual([]);
});

test('one that is not there yet will be where its class allows, and on the node that was chosen for it', () => {
  expect(volumeSelectors([{ bound: false, selectedNode: 'node-1', topologies }])).toEqual([
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }],
    [inZone('a', 'b')],
  ]);
});

test('each volume has its say', () => {
  const affinities = [[inZone('a')], [inZone('b')]];
  expect(volumeSelectors(affinities.map((affinity) => ({ bound: true, affinity })))).toEqual(affinities);
});
