import { expect, test } from 'vitest';
import { parseVersionPredicate, versionParts } from './version-predicate.ts';

const holds = (predicate: string, version: number) =>
  parseVersionPredicate(predicate)?.(versionParts(version));

test('every part must hold, and missing parts of a version are 0', () => {
  expect(holds('>=6.0,<7.0', 6_002_000)).toBe(true);
  expect(holds('>=6.0,<7.0', 7_000_000)).toBe(false);
  expect(holds('==6.2.1', 6_002_001)).toBe(true);
  expect(holds('==6.2', 6_002_000)).toBe(true);
  expect(holds('!=6.2.1', 6_002_001)).toBe(false);
});

test.each(['', '6.0', '=6.0', '>= six', '>=6.0,'])('%s is no predicate', (text) => {
  expect(parseVersionPredicate(text)).toBeUndefined();
});

test('versions before and after a release stand beside it', () => {
  expect(holds('>6.2.1rc1', 6_002_001)).toBe(true);
  expect(holds('>=6.2.1.dev3', 6_002_001)).toBe(true);
  expect(holds('<6.2.1.post1', 6_002_001)).toBe(true);
  expect(holds('<6.2.1.post1.dev1', 6_002_001)).toBe(true);
  expect(holds('==6.2.1+local', 6_002_001)).toBe(false);
  expect(holds('>=1!1', 6_002_001)).toBe(false);
  expect(holds('>= V6.2.1', 6_002_001)).toBe(true);
});

test('a version has as many parts as it takes', () => {
  expect(versionParts(2001)).toEqual([2, 1]);
  expect(versionParts(1_234_567_890)).toEqual([1, 234, 567, 890]);
});
