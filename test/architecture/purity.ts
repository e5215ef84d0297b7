import type { SourceFile } from './source-tree.ts';
import { dotted, nodesOf, type SyntaxNode } from './syntax.ts';

/** What makes the same question have another answer next time, or reaches outside. */
const IMPURE_CALLS = ['Date.now', 'Math.random', 'performance.now', 'Date'];
const IMPURE_NAMES = [
  'process',
  'console',
  'fetch',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
];

/** What in a file is not pure, one line for each: clock, chance, waiting, output. */
export function impurities({ path, statements }: SourceFile): string[] {
  return [...nodesOf(statements)]
    .map(impurity)
    .filter((what) => what !== undefined)
    .map((what) => `${path}: ${what}`);
}

function impurity(node: SyntaxNode): string | undefined {
  const called = dotted(node.callee);
  if (node.type === 'AwaitExpression' || node.await === true || node.async === true)
    return 'waits (await, async)';
  if (node.type === 'NewExpression' && called === 'Date' && isEmpty(node.arguments)) return 'new Date()';
  if (node.type === 'CallExpression' && called && IMPURE_CALLS.includes(called)) return `${called}()`;
  const name =
    node.type === 'MemberExpression' ? dotted(node.object) : node.type === 'CallExpression' && called;
  return name && IMPURE_NAMES.includes(name) ? name : undefined;
}

const isEmpty = (list: unknown): boolean => Array.isArray(list) && list.length === 0;
