import { expect, test } from 'vitest';
import { aggregateTexts } from './aggregate-texts.ts';

test('comma lists are taken apart and aggregates joined, key by key', () => {
  const texts = aggregateTexts([
    { name: 'a', metadata: { rack: 'r1, r2 ,r3', ssd: '' } },
    { name: 'b', metadata: { rack: 'r4' } },
  ]);
  expect([...(texts.get('rack') ?? [])]).toEqual(['r1', 'r2', 'r3', 'r4']);
  expect([...(texts.get('ssd') ?? [])]).toEqual(['']);
  expect(texts.get('gpu')).toBeUndefined();
});

test('a host of no aggregate has none', () => {
  expect(aggregateTexts().size).toBe(0);
});
