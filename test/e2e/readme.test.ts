import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstLook } from './readme.ts';

test('the README has a first look of kubectl commands, on its own and as it stands', () => {
  const lines = firstLook(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8'));
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(line).toMatch(/^kubectl /);
});

test('a README without one is refused', () => {
  expect(() => firstLook('# Berth')).toThrow(/Now on your own/);
});
