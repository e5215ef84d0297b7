import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KINDS } from '#api/kinds.ts';
import { differences, generatedFiles, writeFiles } from './files.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

it('finds in the repository what operator/api says', async () => {
  expect(await differences(repository, generatedFiles(KINDS))).toEqual([]);
});

it('makes a CRD and a page of each kind, pages of plug-ins, settings and operations, and an index', () => {
  const paths = [...generatedFiles(KINDS).keys()];
  expect(paths).toHaveLength(3 * KINDS.length + 9);
  expect(paths).toContain('crds/instances.yaml');
  expect(paths).toContain('docs/reference/instance.md');
  expect(paths).toContain('docs/reference/filters-and-weighers.md');
  expect(paths).toContain('docs/operations.md');
  expect(paths).toContain('docs/reference/configuration.md');
});

describe('in a folder', () => {
  const wanted = new Map([
    ['crds/a.yaml', 'a'],
    ['docs/reference/a.md', 'A'],
  ]);
  let root = '';

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'berth-generate-'));
    await writeFiles(root, wanted);
  });
  afterEach(() => rm(root, { recursive: true }));

  it('writes what is missing', async () => {
    expect(await differences(root, wanted)).toEqual([]);
    expect(await readFile(join(root, 'crds/a.yaml'), 'utf8')).toBe('a');
  });

  it('names each file that is missing, differs or should not be there, and puts all right', async () => {
    await rm(join(root, 'crds/a.yaml'));
    await writeFile(join(root, 'docs/reference/a.md'), 'B');
    await mkdir(join(root, 'crds/old'));
    await writeFile(join(root, 'crds/old/b.yaml'), 'b');
    expect(await differences(root, wanted)).toEqual([
      'crds/a.yaml: missing',
      'crds/old/b.yaml: not generated from any kind',
      'docs/reference/a.md: differs from what operator/api says',
    ]);
    await writeFiles(root, wanted);
    expect(await differences(root, wanted)).toEqual([]);
  });
});
