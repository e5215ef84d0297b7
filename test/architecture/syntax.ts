import { parseAst } from 'vitest/node';

/** A node of the syntax tree (ESTree with TypeScript), as far as the checks look at it. */
export interface SyntaxNode {
  type: string;
  [field: string]: unknown;
}

/** One `import`, `export ... from` or `import()`. */
export interface Import {
  specifier: string;
  /** Nothing of it is left at run time. */
  typeOnly: boolean;
}

const FROM = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'];

/** The statements of a TypeScript file. @throws where it does not parse. */
export function parse(text: string): SyntaxNode[] {
  return parseAst(text, { lang: 'ts', astType: 'ts' }).body as unknown as SyntaxNode[];
}

/** Every node of a tree, parents first. */
export function* nodesOf(tree: unknown): Generator<SyntaxNode> {
  if (Array.isArray(tree)) {
    for (const child of tree) yield* nodesOf(child);
  } else if (isNode(tree)) {
    yield tree;
    yield* nodesOf(Object.values(tree));
  }
}

export function importsOf(statements: readonly SyntaxNode[]): Import[] {
  return [...nodesOf(statements)]
    .filter((node) => FROM.includes(node.type) && isNode(node.source))
    .map((node) => ({ specifier: literal(node.source) ?? '(computed)', typeOnly: isTypeOnly(node) }));
}

function isTypeOnly({ importKind, exportKind, specifiers }: SyntaxNode): boolean {
  if (importKind === 'type' || exportKind === 'type') return true;
  const names = Array.isArray(specifiers) ? (specifiers as SyntaxNode[]) : [];
  return names.length > 0 && names.every((it) => it.importKind === 'type' || it.exportKind === 'type');
}

/** `Date.now` of such a member expression, `Date` of an identifier, else nothing. */
export function dotted(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression') return undefined;
  const [object, property] = [dotted(node.object), dotted(node.property)];
  return object && property && `${object}.${property}`;
}

export function literal(node: unknown): string | undefined {
  return isNode(node) && typeof node.value === 'string' ? node.value : undefined;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
