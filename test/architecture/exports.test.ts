import { describe, expect, test } from 'vitest';
import { type SourceFile, sourceFile, sourceFiles } from './source-tree.ts';

const files = sourceFiles('operator', 'cli', 'hack', 'test');

/** A package's own front door may gather what others offer. */
const FRONT_DOORS = ['operator/runtime/index.ts'];

const RE_EXPORTS = ['ExportAllDeclaration', 'ExportNamedDeclaration'];

const hasDefaultExport = ({ statements }: SourceFile): boolean =>
  statements.some(({ type }) => type === 'ExportDefaultDeclaration');

/** A file that only passes on what others offer. */
function isBarrel({ path, statements }: SourceFile): boolean {
  const passesOn = statements.every(({ type, source }) => RE_EXPORTS.includes(type) && source);
  return (
    passesOn || statements.some(({ type }) => type === 'ExportAllDeclaration') || /\/index\.ts$/.test(path)
  );
}

const pathsOf = (found: SourceFile[]): string[] => found.map(({ path }) => path);

test('nothing is exported as default', () => {
  expect(pathsOf(files.filter(hasDefaultExport))).toEqual([]);
});

test('there are no barrel files but the front doors', () => {
  expect(pathsOf(files.filter(isBarrel))).toEqual(FRONT_DOORS);
});

describe('the checks find', () => {
  test('a default export', () => {
    expect(hasDefaultExport(sourceFile('a.ts', 'export default 1;'))).toBe(true);
  });

  test.each(["export * from './b.ts';", "export { b } from './b.ts';"])('a barrel: %s', (text) => {
    expect(isBarrel(sourceFile('a.ts', text))).toBe(true);
  });
});
