/** RFC 6902, as far as admission needs it. */
export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string };

/** A JSON pointer (RFC 6901) from plain names: `pointer('metadata', 'labels', 'a/b')` is "/metadata/labels/a~1b". */
export function pointer(...names: Array<string | number>): string {
  return names.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

type Tree = { [name: string]: unknown };

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The operations that turn `before` into `after`. Maps are compared field by field, lists as a whole, so that a patch
 * stays readable and never depends on what other webhooks did to other fields.
 */
export function jsonPatch(before: unknown, after: unknown, at: string[] = []): JsonPatchOperation[] {
  if (isTree(before) && isTree(after)) return treePatch(before, after, at);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ op: 'replace', path: pointer(...at), value: after }];
}

function treePatch(before: Tree, after: Tree, at: string[]): JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  for (const name of Object.keys(before)) {
    if (after[name] === undefined) operations.push({ op: 'remove', path: pointer(...at, name) });
    else operations.push(...jsonPatch(before[name], after[name], [...at, name]));
  }
  for (const [name, value] of Object.entries(after)) {
    const isNew = before[name] === undefined && value !== undefined;
    if (isNew) operations.push({ op: 'add', path: pointer(...at, name), value });
  }
  return operations;
}
