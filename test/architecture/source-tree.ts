import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Import, importsOf, parse, type SyntaxNode } from './syntax.ts';

/** A file of ours. Paths are relative to the project and have slashes. */
export interface SourceFile {
  path: string;
  statements: SyntaxNode[];
  imports: Import[];
}

const ROOT = join(import.meta.dirname, '../..');

const { imports: ALIASES } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  imports: Record<string, string>;
};

export function sourceFile(path: string, text: string): SourceFile {
  const statements = parse(text);
  return { path, statements, imports: importsOf(statements) };
}

/** Every TypeScript file under the given folders. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: ROOT },
  );
  return paths.sort().map((path) => sourceFile(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** The file of ours that an import leads to, or the package (with its subpath) that it names. */
export function resolve(
  { path }: Pick<SourceFile, 'path'>,
  { specifier }: Import,
): { file: string } | { name: string } {
  if (specifier.startsWith('.')) return { file: normalize(join(dirname(path), specifier)) };
  for (const [alias, target] of Object.entries(ALIASES)) {
    const [head = '', tail = ''] = alias.split('*');
    if (specifier.startsWith(head) && specifier.startsWith('#')) {
      return { file: normalize(target.replace('*', specifier.slice(head.length)) + tail) };
    }
  }
  return { name: specifier };
}

/** Tests and what only they use. */
export const isTestCode = (path: string): boolean => /\.test\.ts$|\/testing\/|\/test-[a-z-]+\.ts$/.test(path);
