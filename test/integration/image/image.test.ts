import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Built, imageContents } from '../../../hack/image/build.ts';
import { type Image, ociImage } from '../../../hack/image/oci.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
const run = promisify(execFile);

/** The genuine image, unpacked. No container runtime is needed: its own loader starts its own Node, on its own libraries. */
let folder: string;
let root: string;
let contents: Built;
let image: Image;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-image-'));
  root = join(folder, 'root');
  contents = await imageContents();
  image = ociImage(contents.layers, contents.config);
  await writeFile(join(folder, 'image.tar'), image.archive);
  const layers = [...new Set(await layersOf(join(folder, 'image.tar')))];
  await run('mkdir', [root]);
  for (const layer of layers) await run('tar', ['-xzf', join(folder, layer), '-C', root]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function layersOf(archive: string): Promise<string[]> {
  await run('tar', ['-xf', archive, '-C', folder]);
  const [{ Layers }] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as [
    { Layers: string[] },
  ];
  return Layers;
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name).slice(root.length));
}

/** Runs what the image runs, by its own loader. */
async function inImage(...args: string[]) {
  const files = await filesBelow(root);
  const loader = files.find((it) => /\/ld-linux[^/]*\.so/.test(it)) ?? '';
  const libraries = dirname(files.find((it) => it.endsWith('/libc.so.6')) ?? '');
  const [node = '', ...rest] = contents.config.entrypoint;
  const inRoot = [node, ...rest].map((it) => (it.startsWith('/') ? join(root, it) : it));
  const command = ['--inhibit-cache', '--library-path', join(root, libraries), ...inRoot, ...args];
  return run(join(root, loader), command, { env: { LD_BIND_NOW: '1' } });
}

test('built twice, it is the same to the bit', async () => {
  const again = await imageContents();
  expect(ociImage(again.layers, again.config).digest).toBe(image.digest);
});

test('it is small, has no shell, and does not say where it was built', async () => {
  expect(image.archive.length).toBeLessThan(80 * 2 ** 20);
  const files = await filesBelow(root);
  expect(files.filter((it) => /\/(ba|da|a)?sh$|busybox|apt|npm/.test(it))).toEqual([]);
  expect(files).toContain('/app/sbom.cdx.json');
  for (const path of ['app/berth.mjs', 'app/berth.mjs.map'])
    expect(await readFile(join(root, path), 'utf8')).not.toContain(process.cwd().slice(1));
});

test('it runs as nobody', () => {
  expect(contents.config.user).toBe('65532:65532');
});

test('it needs no library but its own, and its operator starts', async () => {
  const { stdout } = await inImage('--help');
  expect(stdout).toContain('--admission-objects');
});

test('a wrong setting is refused as by the operator', async () => {
  await expect(inImage('--max-attempts', '99')).rejects.toThrow('--max-attempts');
});

test('it can release guests: what the chart runs after uninstall is there', async () => {
  const kubeconfig = join(folder, 'kubeconfig');
  const clusters = [{ name: 'none', cluster: { server: 'https://127.0.0.1:1' } }];
  const contexts = [{ name: 'none', context: { cluster: 'none', user: '' } }];
  await writeFile(kubeconfig, JSON.stringify({ clusters, contexts, users: [], 'current-context': 'none' }));
  const error = await inImage('release-guests', '--kubeconfig', kubeconfig).catch(
    (it: { stdout: string }) => it,
  );
  const last = JSON.parse((error.stdout.trim().split('\n').at(-1) ?? '{}') as string);
  expect(last).toMatchObject({ level: 'error', source: expect.stringMatching(/^operator\/main\.ts:\d+$/) });
});
