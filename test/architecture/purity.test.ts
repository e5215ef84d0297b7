import { expect, test } from 'vitest';
import { impurities } from './purity.ts';
import { isTestCode, sourceFile, sourceFiles } from './source-tree.ts';

test('core has no clock, no chance, and waits for nothing', () => {
  const core = sourceFiles('operator/core').filter(({ path }) => !isTestCode(path));
  expect(core.flatMap(impurities)).toEqual([]);
});

test.each([
  'const now = Date.now();',
  'const now = new Date();',
  'const now = Date();',
  'const chance = Math.random();',
  'const id = crypto.randomUUID();',
  'const home = process.env.HOME;',
  "console.log('x');",
  'setImmediate(run);',
  "fetch('x');",
  'const load = async () => 1;',
  'for await (const x of y) run(x);',
])('the check finds %s', (text) => {
  const wrapped = `async function f() { ${text} }`;
  expect(impurities(sourceFile('a.ts', wrapped)).length).toBeGreaterThan(1);
});

test('the check allows what only depends on its input', () => {
  const text = "const day = new Date('2026-01-01'); const far = Math.max(1, day.getTime());";
  expect(impurities(sourceFile('a.ts', text))).toEqual([]);
});
