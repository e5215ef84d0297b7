import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { type AuditEvent, isUnauthorized, usesOf } from '../../hack/access/audit.ts';
import { inWords } from '../../hack/access/compare.ts';
import type { Use } from '../../hack/access/rights.ts';
import { BERTH_USER } from './cluster.ts';

const ROOT = join(import.meta.dirname, '../..');
export const RECORDS = join(ROOT, '.berth/access');

/**
 * Writes down each verb and resource that the operators of a test file used, once, for `node hack/access/main.ts`. Returns
 * what they were not allowed, in words.
 */
export async function recordAccess(events: readonly AuditEvent[]): Promise<string[]> {
  const own = events.filter(({ user }) => user?.username === BERTH_USER);
  const refused = own.filter(isUnauthorized);
  const uses = new Map(
    own
      .filter((it) => !isUnauthorized(it))
      .flatMap(usesOf)
      .map((use) => [keyOf(use), use]),
  );
  await mkdir(RECORDS, { recursive: true });
  const file = relative(ROOT, expect.getState().testPath ?? process.argv[1] ?? '');
  await writeFile(join(RECORDS, `${randomUUID()}.json`), JSON.stringify({ file, uses: [...uses.values()] }));
  return [
    ...new Set(refused.flatMap(usesOf).map((it) => `${inWords(it)} in ${it.namespace ?? 'the cluster'}`)),
  ];
}

/** Names of objects matter only where a right names them: of those there are few. */
const keyOf = (use: Use): string =>
  use.group === 'admissionregistration.k8s.io' || use.namespace === BERTH_USER.split(':')[2]
    ? `${inWords(use)} ${use.namespace}/${use.name}`
    : `${inWords(use)} ${use.namespace}`;
