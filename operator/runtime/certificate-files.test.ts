import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CertificateFiles } from './certificate-files.ts';
import { issueCa, type KeyedCertificate } from './certificates.ts';
import { silentLogger } from './logger.ts';

const issued = () => issueCa('test', { now: new Date(), validMs: 3_600_000 });

let folder: string;
let serving: KeyedCertificate[];
let files: CertificateFiles;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-certificates-'));
  serving = [];
  files = new CertificateFiles({ folder, logger: silentLogger, onServing: (it) => serving.push(it) });
});
afterEach(() => rm(folder, { recursive: true }));

async function put({ cert, key }: KeyedCertificate): Promise<void> {
  await writeFile(join(folder, 'tls.crt'), cert);
  await writeFile(join(folder, 'tls.key'), key);
}

test('not ready until there is a certificate', async () => {
  await files.check();
  expect(files.trouble()).toMatch(/certificates: .*ENOENT/);
  const first = issued();
  await put(first);
  await files.check();
  expect(files.trouble()).toBeUndefined();
  expect(serving).toEqual([first]);
});

test('one that was renewed is served, once', async () => {
  const [first, second] = [issued(), issued()];
  await put(first);
  await files.check();
  await put(second);
  await files.check();
  await files.check();
  expect(serving).toEqual([first, second]);
});

test('a key of another certificate, as in the middle of an exchange, changes nothing', async () => {
  const [first, second] = [issued(), issued()];
  await put(first);
  await files.check();
  await put({ cert: second.cert, key: first.key });
  await files.check();
  expect(serving).toEqual([first]);
  expect(files.trouble()).toBeUndefined();
});
