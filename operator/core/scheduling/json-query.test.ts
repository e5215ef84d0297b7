import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from './args.ts';
import { parseQuery } from './json-query.ts';

const ATTRIBUTES: Record<string, Json> = {
  host: 'a',
  free: 10,
  stats: { gpu: '2' },
  kinds: [['x86_64', 'kvm']],
};
const answer = (query: string) => parseQuery(query)((name) => ATTRIBUTES[name]);

describe('a query', () => {
  test.each([
    ['["=", "$free", 10, 10]', 'holds'],
    ['["=", "$free", 10, 11]', 'fails'],
    ['["<", "$free", 11]', 'holds'],
    ['["not", ["=", "$host", "b"]]', 'holds'],
    ['["and", ["=", "$host", "a"], ["or", [">", "$free", 99], ["in", "$free", 1, 10]]]', 'holds'],
    ['["=", "$stats.gpu", "2"]', 'holds'],
    ['["=", "$nope", 10, "$free"]', 'holds'],
    ['["=", "$nope", "x"]', 'fails'],
    ['["=", "$free", "10"]', 'fails'],
    ['[">=", "$free"]', 'fails'],
    ['', 'holds'],
    ['["=", 1, true, 1.0]', 'holds'],
    ['["=", 9007199254740993, 9007199254740992]', 'fails'],
    ['["=", {"a": 1, "b": 2}, {"b": 2.0, "a": true}]', 'holds'],
    ['["=", {"a": 1}, {"a": 1, "b": 1}]', 'fails'],
    ['["<", "\uffee", "\u{1f600}"]', 'holds'],
    ['["<", "$free", Infinity]', 'holds'],
    ['["=", NaN, NaN]', 'fails'],
    ['[">=", NaN, NaN]', 'fails'],
    ['["<=", "$kinds", "$kinds"]', 'holds'],
    ['["<", ["not", 1], ["not", 0]]', 'holds'],
    ['["<", ["not", 1], ["not", 1, 0]]', 'holds'],
    ['["=", ["not", 1], ["not", 1, 1]]', 'fails'],
    ['"=aa"', 'holds'],
    ['"=ab"', 'fails'],
    ['0', 'holds'],
  ])('%s %s', (query, expected) => {
    expect(answer(query)).toBe(expected);
  });

  test.each([
    '["~", 1]',
    '[">=", "$host", 5]',
    '{bad',
    '"abc"',
    '["=", "$host.x", "y"]',
    '{"and": 1}',
    '["constructor"]',
    '["not", ["<", 5, 3, "a"]]',
    '["<", {"a": 1}, {"b": 1}]',
    '["<", "$kinds", 1]',
    '5',
  ])('%s cannot be read', (query) => {
    expect(answer(query)).toBe('malformed');
  });

  test('is bounded in size and depth', () => {
    expect(answer(`["=", "${'x'.repeat(5000)}", 1]`)).toBe('malformed');
    expect(answer(`${'["not", '.repeat(50)}true${']'.repeat(50)}`)).toBe('malformed');
  });

  test('of any JSON has an answer', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (query) => {
        expect(['holds', 'fails', 'malformed']).toContain(answer(query));
      }),
    );
  });
});
