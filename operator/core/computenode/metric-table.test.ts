import { expect, test } from 'vitest';
import { MetricTable } from './metric-table.ts';

const values = (entries: Record<string, number>) => new Map(Object.entries(entries));

test('each node has the metrics that name it, and only changes are told', () => {
  const table = new MetricTable(100);
  table.take('load', values({ a: 1, b: 2 }), 0);
  table.take('heat', values({ b: 40 }), 0);
  expect(table.settle(0).sort()).toEqual(['a', 'b']);
  expect([table.of('a'), table.of('b'), table.of('c')]).toEqual([
    { load: 1 },
    { load: 2, heat: 40 },
    undefined,
  ]);
  const before = table.of('a');
  table.take('load', values({ a: 1, b: 3 }), 10);
  expect(table.settle(10)).toEqual(['b']);
  expect(table.of('a')).toBe(before);
});

test('a node that an answer leaves out has the metric no more', () => {
  const table = new MetricTable(100);
  table.take('load', values({ a: 1, b: 2 }), 0);
  table.settle(0);
  table.take('load', values({ a: 1 }), 10);
  expect(table.settle(10)).toEqual(['b']);
  expect(table.of('b')).toBeUndefined();
});

test('what is not renewed expires, by itself', () => {
  const table = new MetricTable(100);
  table.take('load', values({ a: 1 }), 0);
  table.take('heat', values({ a: 40 }), 50);
  table.settle(50);
  expect(table.settle(99)).toEqual([]);
  expect(table.settle(100)).toEqual(['a']);
  expect(table.of('a')).toEqual({ heat: 40 });
  expect(table.settle(150)).toEqual(['a']);
  expect(table.of('a')).toBeUndefined();
});
