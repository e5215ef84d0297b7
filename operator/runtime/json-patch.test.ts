import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonPatch, pointer } from './json-patch.ts';

type Json = { [name: string]: unknown };

/** A plain RFC 6902 patcher for maps, for the property below. */
function patched(document: Json, operations: ReturnType<typeof jsonPatch>): unknown {
  const root: Json = { '': structuredClone(document) };
  for (const operation of operations) {
    const names = operation.path.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const parent = names.slice(0, -1).reduce((at, name) => at[name] as Json, root);
    const last = names.at(-1)!;
    if (operation.op === 'remove') delete parent[last];
    else parent[last] = operation.value;
  }
  return root[''];
}

test('says only what changed', () => {
  const before = { metadata: { labels: { a: '1', b: '2' } }, spec: { list: [1] } };
  const after = { metadata: { labels: { a: '1', 'c/d': '3' } }, spec: { list: [1, 2] } };
  expect(jsonPatch(before, after)).toEqual([
    { op: 'remove', path: '/metadata/labels/b' },
    { op: 'add', path: '/metadata/labels/c~1d', value: '3' },
    { op: 'replace', path: '/spec/list', value: [1, 2] },
  ]);
  expect(jsonPatch(before, structuredClone(before))).toEqual([]);
});

test('a pointer escapes slashes and tildes', () => {
  expect(pointer('metadata', 'annotations', 'a/b~c', 0)).toBe('/metadata/annotations/a~1b~0c/0');
});

test('applied to what was, it gives what is to be', () => {
  const leaf = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.array(fc.integer()));
  const tree = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.dictionary(
      fc.constantFrom('a', 'b', 'c/d', 'e~f'),
      fc.oneof({ maxDepth: 3 }, leaf, tie('tree')),
      {
        noNullPrototype: true,
      },
    ),
  })).tree;
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      expect(patched(before, jsonPatch(before, after))).toEqual(after);
    }),
  );
});
