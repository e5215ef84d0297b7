import { describe, expect, test } from 'vitest';
import { LAYERS, LayerCheck } from './layers.ts';
import { isTestCode, type SourceFile, sourceFile, sourceFiles } from './source-tree.ts';

const files = sourceFiles('operator');
const check = new LayerCheck(files);

test('imports go one way: api, runtime <- core <- ports <- controllers, adapters, admission <- main', () => {
  expect(files.flatMap((file) => check.violations(file))).toEqual([]);
});

test('every folder of operator/ is a layer', () => {
  const folders = files.map(({ path }) => path.split('/')).filter((parts) => parts.length > 2);
  const names = Object.keys(LAYERS).filter((name) => name !== 'adapters, pure');
  expect([...new Set(folders.map((parts) => parts[1]))].sort()).toEqual(names.sort());
});

test('only tests import test code', () => {
  const real = files.filter(({ path }) => !isTestCode(path));
  const found = real.filter(({ imports }) =>
    imports.some(({ specifier }) => isTestCode(specifier) || specifier.startsWith('#test/')),
  );
  expect(found.map(({ path }) => path)).toEqual([]);
});

describe('the check finds', () => {
  const violations = (path: string, text: string, ...more: SourceFile[]) => {
    const file = sourceFile(path, text);
    return new LayerCheck([...files, ...more, file]).violations(file).length;
  };

  test.each([
    ['core using a port', 'operator/core/a.ts', "import { x } from '#ports/ledgers.ts';"],
    ['core using the type of a port', 'operator/core/a.ts', "import type { X } from '#ports/ledgers.ts';"],
    ['core using code of the runtime', 'operator/core/a.ts', "import { x } from '#runtime/client.ts';"],
    ['core using the client', 'operator/core/a.ts', "import { KubeConfig } from '@kubernetes/client-node';"],
    ['core reading files', 'operator/core/a.ts', "import fs from 'node:fs';"],
    ['core importing as it runs', 'operator/core/a.ts', "const f = () => import('node:net');"],
    ['core exporting from elsewhere', 'operator/core/a.ts', "export { x } from '#controllers/caches.ts';"],
    ['a way around #', 'operator/core/a.ts', "import { x } from '../runtime/client.ts';"],
    ['the runtime using the API', 'operator/runtime/a.ts', "import { x } from '#api/constants.ts';"],
    ['a port using a controller', 'operator/ports/a.ts', "import { x } from '#controllers/caches.ts';"],
    [
      'an adapter using a controller',
      'operator/adapters/a.ts',
      "import { x } from '#controllers/caches.ts';",
    ],
    [
      'a controller using an adapter',
      'operator/controllers/a.ts',
      "import { x } from '#adapters/kubevirt/hypervisor.ts';",
    ],
    ['a controller logging by itself', 'operator/controllers/a.ts', "import { pino } from 'pino';"],
    ['logging using core', 'operator/logging/a.ts', "import { x } from '#core/conditions.ts';"],
    ['a layer using the wiring', 'operator/controllers/a.ts', "import { x } from '../operator.ts';"],
    ['a new folder', 'operator/helpers/a.ts', "import { x } from '#api/constants.ts';"],
  ])('%s', (_what, path, text) => {
    expect(violations(path, text)).toBe(1);
  });

  test('an adapter that becomes impure by what it imports', () => {
    const impure = sourceFile('operator/adapters/impure.ts', "import { x } from '#runtime/client.ts';");
    const between = sourceFile('operator/adapters/between.ts', "import { x } from './impure.ts';");
    const text = "import { x } from '#adapters/between.ts';";
    expect(violations('operator/controllers/a.ts', text, impure, between)).toBe(1);
  });
});

describe('the check allows', () => {
  test.each([
    ['core using the API', 'operator/core/a.ts', "import { x } from '#api/constants.ts';"],
    [
      'core using a type of the runtime',
      'operator/core/a.ts',
      "import { type X } from '#runtime/resource.ts';",
    ],
    [
      'a controller using a pure adapter',
      'operator/controllers/a.ts',
      "import { x } from '#adapters/kubevirt/types.ts';",
    ],
    [
      'a controller using a type of an adapter',
      'operator/controllers/a.ts',
      "import type { X } from '#adapters/kubevirt/hypervisor.ts';",
    ],
    ['main using all', 'operator/a.ts', "import { x } from '#adapters/kubevirt/hypervisor.ts';"],
  ])('%s', (_what, path, text) => {
    expect(check.violations(sourceFile(path, text))).toEqual([]);
  });
});
