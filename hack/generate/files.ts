import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { KindDefinition } from '#api/kind.ts';
import { berthAccessTemplate, peopleTemplate } from '../chart/access.ts';
import { policiesTemplate, webhooksTemplate } from '../chart/admission.ts';
import { crdTemplate } from '../chart/crds.ts';
import { valuesSchema } from '../chart/values-schema.ts';
import { configurationPage } from './configuration.ts';
import { crdYaml } from './crd.ts';
import { operationsPage } from './operations.ts';
import { pluginsPage } from './plugins.ts';
import { referenceIndex, referencePage } from './reference.ts';

/** Folders that hold nothing but what is generated. */
const CHART = 'charts/berth';
const TEMPLATES = `${CHART}/templates/generated`;
const FOLDERS = ['crds', 'docs/reference', TEMPLATES];

/** Generated files in folders that hold others. */
const OPERATIONS_PAGE = 'docs/operations.md';
const VALUES_SCHEMA = `${CHART}/values.schema.json`;
const SINGLE = [OPERATIONS_PAGE, VALUES_SCHEMA];

/** Path, from the repository's root, to text. */
export type Files = ReadonlyMap<string, string>;

export function generatedFiles(kinds: readonly KindDefinition[]): Files {
  return new Map([
    ...kinds.map((it): [string, string] => [`crds/${it.plural}.yaml`, crdYaml(it)]),
    ...kinds.map((it): [string, string] => [`docs/reference/${it.kind.toLowerCase()}.md`, referencePage(it)]),
    ['docs/reference/filters-and-weighers.md', pluginsPage()],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/README.md', referenceIndex(kinds)],
    [OPERATIONS_PAGE, operationsPage()],
    ...kinds.map((it): [string, string] => [`${TEMPLATES}/crds/${it.plural}.yaml`, crdTemplate(it)]),
    [`${TEMPLATES}/access.yaml`, berthAccessTemplate()],
    [`${TEMPLATES}/people.yaml`, peopleTemplate()],
    [`${TEMPLATES}/webhooks.yaml`, webhooksTemplate()],
    [`${TEMPLATES}/policies.yaml`, policiesTemplate()],
    [VALUES_SCHEMA, valuesSchema()],
  ]);
}

/** What is wrong with the generated folders under root, a line for each file; empty when nothing is. */
export async function differences(root: string, wanted: Files): Promise<string[]> {
  const present = await presentFiles(root);
  const missing = [...wanted.keys()].filter((path) => !present.has(path)).map((path) => `${path}: missing`);
  const changed = [...present].flatMap(([path, text]) => {
    const expected = wanted.get(path);
    if (expected === undefined) return [`${path}: not generated from any kind`];
    return expected === text ? [] : [`${path}: differs from what operator/api says`];
  });
  return [...missing, ...changed].sort();
}

/** Makes the generated folders under root hold exactly what is wanted. Returns what was changed. */
export async function writeFiles(root: string, wanted: Files): Promise<string[]> {
  const changes = await differences(root, wanted);
  for (const path of (await presentFiles(root)).keys()) {
    if (!wanted.has(path)) await rm(join(root, path));
  }
  for (const [path, text] of wanted) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return changes;
}

async function presentFiles(root: string): Promise<Files> {
  const texts = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const path of await filesBelow(join(root, folder))) {
      texts.set(relative(root, path), await readFile(path, 'utf8'));
    }
  }
  for (const path of SINGLE) {
    const text = await readFile(join(root, path), 'utf8').catch(() => undefined);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

async function filesBelow(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
}
