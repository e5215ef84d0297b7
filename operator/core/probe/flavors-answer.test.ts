import { describe, expect, test } from 'vitest';
import { flavorsMessage, nodesWithRoom } from './flavors-answer.ts';

const onVolume = Array.from({ length: 30 }, (_, index) => ({ host: `node-${index}`, room: 100 - index }));
const ephemeral = [{ host: 'node-1', room: 7 }];

describe('the nodes of a Flavor', () => {
  test('are the twenty with the most room', () => {
    const nodes = nodesWithRoom(onVolume, ephemeral, undefined);
    expect(nodes).toHaveLength(20);
    expect(nodes.slice(0, 2)).toEqual([
      { nodeName: 'node-0', fits: 100, fitsEphemeralRoot: 0 },
      { nodeName: 'node-1', fits: 99, fitsEphemeralRoot: 7 },
    ]);
  });

  test('are those that were asked about, full ones too', () => {
    expect(nodesWithRoom(onVolume, ephemeral, ['node-29', 'full'])).toEqual([
      { nodeName: 'node-29', fits: 71, fitsEphemeralRoot: 0 },
      { nodeName: 'full', fits: 0, fitsEphemeralRoot: 0 },
    ]);
  });
});

describe('the message', () => {
  const flavors = Array.from({ length: 25 }, (_, index) => ({ name: `f${index}`, fits: index }));

  test('counts each Flavor', () => {
    expect(flavorsMessage(flavors.slice(0, 2), 2)).toBe('how many more fit: f0 0, f1 1');
  });

  test('names the first twenty', () => {
    expect(flavorsMessage(flavors, 130)).toMatch(/, f19 19 and 110 Flavors more$/);
  });

  test('says that there are none', () => {
    expect(flavorsMessage([], 0)).toBe('there are no Flavors');
  });
});
