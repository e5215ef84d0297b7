import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Component, judgeVersion, TESTED } from './versions.ts';

test.each<[Component, string, string]>([
  ['Kubernetes', 'v1.33.13', 'tested'],
  ['Kubernetes', 'v1.33.4-gke.1036000', 'tested'],
  ['Kubernetes', 'v1.34.1', 'untested'],
  ['Kubernetes', 'v1.9.1', 'tooOld'],
  ['Kubernetes', 'v1.29.15', 'tooOld'],
  ['Kubernetes', 'v2.0.0', 'untested'],
  ['KubeVirt', 'v1.7.0', 'tested'],
  ['KubeVirt', 'v1.5.2', 'tooOld'],
  ['KubeVirt', 'devel', 'unknown'],
])('%s %s is %s', (component, version, kind) => {
  expect(judgeVersion(component, version).kind).toBe(kind);
});

test('a version that is too old says which one would do, and why', () => {
  expect(judgeVersion('Kubernetes', 'v1.29.15')).toEqual({
    kind: 'tooOld',
    message: expect.stringMatching(/^Kubernetes is v1\.29\.15: Berth needs 1\.30 or newer, which has /),
  });
});

test('what is called tested is what the local cluster is built of, and what the page says', async () => {
  const root = join(import.meta.dirname, '../..');
  const modules = await readFile(join(root, 'hack/localcluster/go.mod'), 'utf8');
  const releaseOf = (path: string) => new RegExp(`^\\s${path} v(\\d+\\.\\d+)`, 'm').exec(modules)?.[1];
  expect(TESTED.Kubernetes).toContain(releaseOf('k8s.io/kubernetes'));
  expect(TESTED.KubeVirt).toContain(releaseOf('kubevirt.io/kubevirt'));
  const page = await readFile(join(root, 'docs/versions.md'), 'utf8');
  for (const [component, releases] of Object.entries(TESTED))
    for (const release of releases) expect(page).toMatch(new RegExp(`\\| ${component} +\\| ${release} `));
});
