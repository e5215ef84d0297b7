import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from './bundle.ts';

const run = promisify(execFile);

let directory: string;
let paths: Awaited<ReturnType<typeof bundle>>;
beforeAll(async () => {
  // Outside the project: none of its packages is found from there.
  directory = await mkdtemp(join(tmpdir(), 'berth-bundle-'));
  paths = await bundle(join(directory, 'dist'));
}, 120_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the plugin is one file that runs by itself', async () => {
  const { stdout } = await run(paths.plugin, ['help'], { cwd: directory });
  expect(stdout).toContain('why the Instance is on its node, or on none');
});

test('the operator is one file that runs by itself, and its log names the source', async () => {
  const kubeconfig = join(directory, 'kubeconfig');
  const nobody = { name: 'nobody', cluster: { server: 'https://127.0.0.1:1' } };
  const context = { name: 'nobody', context: { cluster: 'nobody', user: '' } };
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [nobody],
      contexts: [context],
      users: [],
      'current-context': 'nobody',
    }),
  );
  const file = join(directory, 'berth.log');
  const args = ['--kubeconfig', kubeconfig, '--health-port', '0', '--webhook-port', '0', '--log-file', file];
  const ended = await run(process.execPath, ['--enable-source-maps', paths.operator, ...args], {
    cwd: directory,
  }).catch((error: { code: number; stdout: string }) => error);
  const last = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({ level: 'error', msg: 'berth ends' });
  expect(last.source).toMatch(/^operator\/main\.ts:\d+$/);
  expect(await readFile(file, 'utf8')).toBe(ended.stdout);
  expect(last.err.stack).toMatch(/operator\/runtime\/\w+\.ts:\d+/);
});
