import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Run by itself, writes charts/install.yaml. */
const ROOT = join(import.meta.dirname, '../..');
export const INSTALL_MANIFEST = join(ROOT, 'charts/install.yaml');
const NAMESPACE = 'berth-system';

const HEAD = `# Berth for clusters without Helm: the chart with its default values. Rendered by \`make install-manifest\`; change
# charts/berth instead. It names no image that is published: set one, as docs/install.md says.
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    pod-security.kubernetes.io/enforce: restricted
---
`;

/** The chart with its default values, as one manifest. */
export function installManifest(helm = join(ROOT, 'bin/helm')): string {
  const chart = join(ROOT, 'charts/berth');
  const args = [
    'template',
    'berth',
    chart,
    '--namespace',
    NAMESPACE,
    '--no-hooks',
    '--kube-version',
    '1.33.0',
  ];
  const text = execFileSync(helm, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  const documents = text.split(/^---\n/m).map((it) => it.replaceAll(/^# Source: .*\n/gm, '').trim());
  return (
    HEAD +
    documents
      .filter((it) => /^kind: /m.test(it))
      .map((it) => `${it}\n`)
      .join('---\n')
  );
}

if (import.meta.main) writeFileSync(INSTALL_MANIFEST, installManifest());
