import { isTestCode, resolve, type SourceFile } from './source-tree.ts';
import type { Import } from './syntax.ts';

interface Layer {
  /** Layers whose code it may use. */
  uses: readonly string[];
  /** Layers of which it may use types, but no code. */
  types?: readonly string[];
  /** Packages and modules of Node whose code it may use; types of any are free. Absent: all. */
  packages?: readonly string[];
}

/**
 * The layers under operator/, lowest first; what lies at the top of operator/ wires them and may use all.
 *
 * `adapters, pure` are those files of adapters/ that only read and write data structures: what runs in them is from
 * api, core and each other. Controllers share them, so that nobody describes a Pod or a VM twice.
 */
export const LAYERS: Readonly<Record<string, Layer>> = {
  runtime: { uses: [] },
  api: { uses: [], types: ['runtime'], packages: ['zod'] },
  core: { uses: ['api'], types: ['runtime'], packages: ['node:crypto'] },
  ports: { uses: ['api', 'core'], types: ['runtime'], packages: [] },
  'adapters, pure': { uses: ['api', 'core', 'ports'], types: ['runtime'], packages: [] },
  adapters: { uses: ['api', 'core', 'ports', 'adapters, pure', 'runtime'] },
  controllers: {
    uses: ['api', 'core', 'ports', 'adapters, pure', 'runtime'],
    packages: ['node:crypto'],
  },
  admission: { uses: ['api', 'core', 'ports', 'adapters, pure', 'runtime'], packages: [] },
  logging: { uses: ['runtime'] },
};

/** For test code, in any layer. */
const TEST_PACKAGES = ['vitest', 'fast-check'];

export class LayerCheck {
  readonly #files: ReadonlyMap<string, SourceFile>;
  readonly #pure = new Map<string, boolean>();

  constructor(files: readonly SourceFile[]) {
    this.#files = new Map(files.map((file) => [file.path, file]));
  }

  /** What is wrong with the imports of a file, one line for each. */
  violations(file: SourceFile): string[] {
    return file.imports.map((it) => this.#violation(file, it)).filter((line) => line !== undefined);
  }

  /** The layer of a path; undefined for the top of operator/, and for all that lies elsewhere. */
  layerOf(path: string): string | undefined {
    const [, folder, rest] = /^operator\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (rest === undefined) return undefined;
    return folder === 'adapters' && this.#isPure(path) ? 'adapters, pure' : folder;
  }

  #violation(file: SourceFile, it: Import): string | undefined {
    const name = this.layerOf(file.path);
    if (name === undefined) return undefined;
    const target = resolve(file, it);
    const wrong =
      'file' in target ? this.#wrongFile(name, target.file, it) : wrongPackage(name, file, target.name, it);
    return wrong && `${file.path} imports ${it.specifier}: ${wrong}`;
  }

  #wrongFile(name: string, path: string, { typeOnly, specifier }: Import): string | undefined {
    const [own, target] = [LAYERS[name], this.layerOf(path)];
    if (!own) return `operator/${name} is no layer: add it to test/architecture/layers.ts`;
    if (specifier.startsWith('.')) return folderOf(path) === folderOf(name) ? undefined : 'use #, not ..';
    if (path.startsWith('test/support/')) return undefined;
    if (target === undefined) return 'only the top of operator/ may';
    const allowed = [...own.uses, ...(typeOnly ? (own.types ?? []) : []), name];
    if (
      allowed.includes(target) ||
      (typeOnly && folderOf(target) === 'adapters' && allowed.includes('adapters, pure'))
    )
      return undefined;
    const kind = typeOnly || !own.types?.includes(target) ? '' : ' the code of';
    return `${name} must not use${kind} ${target}`;
  }

  #isPure(path: string): boolean {
    const known = this.#pure.get(path);
    if (known !== undefined) return known;
    this.#pure.set(path, true); // so that a cycle ends
    const file = this.#files.get(path);
    const pure = file?.imports.every((it) => it.typeOnly || this.#leadsToPure(file, it)) ?? false;
    this.#pure.set(path, pure);
    return pure;
  }

  #leadsToPure(file: SourceFile, it: Import): boolean {
    const target = resolve(file, it);
    const layer = 'file' in target ? this.layerOf(target.file) : undefined;
    return layer !== undefined && ['api', 'core', 'ports', 'adapters, pure'].includes(layer);
  }
}

/** `adapters` for both halves of adapters, and for the paths in it. */
const folderOf = (layerOrPath: string): string =>
  layerOrPath.replace(/^operator\//, '').split(/[/,]/)[0] ?? layerOrPath;

function wrongPackage(
  layer: string,
  { path }: SourceFile,
  name: string,
  { typeOnly }: Import,
): string | undefined {
  const packages = LAYERS[layer]?.packages;
  if (packages === undefined || typeOnly || packages.includes(name)) return undefined;
  if (isTestCode(path) && (TEST_PACKAGES.includes(name) || name.startsWith('node:'))) return undefined;
  return `${layer} must not use ${name}`;
}
