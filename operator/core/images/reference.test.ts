import { expect, test } from 'vitest';
import { canonicalReference } from './reference.ts';

const DIGEST = 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

test.each([
  ['quay.io/containerdisks/fedora:41', 'quay.io/containerdisks/fedora:41'],
  ['quay.io/containerdisks/fedora', 'quay.io/containerdisks/fedora:latest'],
  ['fedora', 'docker.io/library/fedora:latest'],
  ['docker.io/fedora:41', 'docker.io/library/fedora:41'],
  ['index.docker.io/library/fedora:41', 'docker.io/library/fedora:41'],
  ['someone/fedora:41', 'docker.io/someone/fedora:41'],
  ['registry.example:5000/fedora', 'registry.example:5000/fedora:latest'],
  ['localhost/fedora:1', 'localhost/fedora:1'],
  [`quay.io/containerdisks/fedora:41@${DIGEST}`, `quay.io/containerdisks/fedora@${DIGEST}`],
])('%s is %s in a Node', (given, canonical) => {
  expect(canonicalReference(given)).toBe(canonical);
  expect(canonicalReference(canonical)).toBe(canonical);
});
