import { expect, test } from 'vitest';
import type { Instance } from '#api/instance.ts';
import { flavorsHeldOn, isHeldForMove } from './held-for-move.ts';

const SMALL = { name: 'small', vcpus: 1, memoryMiB: 1024, rootDiskGiB: 10, ephemeralDiskGiB: 0, swapMiB: 0 };
const LARGE = { ...SMALL, name: 'large', vcpus: 2 };
const moving = (targetNode?: string) =>
  ({
    status: { resize: { requestId: 'req-1', flavor: LARGE, oldFlavor: SMALL, sourceNode: 'a', targetNode } },
  }) as Instance;

test('both places are held; before the new one is written down, by the request that claimed it', () => {
  expect(['a', 'b', 'c'].map((nodeName) => isHeldForMove(moving('b'), { nodeName }))).toEqual([
    true,
    true,
    false,
  ]);
  expect(isHeldForMove(moving(), { nodeName: 'b', requestId: 'req-1' })).toBe(true);
  expect(isHeldForMove(moving(), { nodeName: 'b', requestId: 'req-0' })).toBe(false);
  expect(isHeldForMove({} as Instance, { nodeName: 'a' })).toBe(false);
});

test('the sizes that a lost ledger is rebuilt with', () => {
  expect(flavorsHeldOn(moving('b'), 'a')).toEqual([SMALL]);
  expect(flavorsHeldOn(moving('b'), 'b')).toEqual([LARGE]);
  expect(flavorsHeldOn(moving('a'), 'a')).toEqual([SMALL, LARGE]);
});
