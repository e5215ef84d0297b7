import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogFile } from './log-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = () => ({
  path: join(folder, 'berth.log'),
  sizeMiB: 1,
  days: 1,
  keep: 2,
  onError: (error: Error) => {
    throw error;
  },
});
const logs = async () => (await readdir(folder)).filter((name) => name.endsWith('.log'));

test('lines that were written before the end are in the file; the next start goes on in it', async () => {
  for (const word of ['one', 'two']) {
    const file = openLogFile(options());
    file.write(`${word}\n`);
    await file.end();
  }
  expect(await readFile(join(folder, 'berth.log'), 'utf8')).toBe('one\ntwo\n');
  expect(await logs()).toEqual(['berth.log']);
});

test('a new file is begun when it is full, and only so many are kept', async () => {
  const line = `${'x'.repeat(1023)}\n`;
  for (let part = 0; part < 5; part++) {
    const file = openLogFile(options());
    for (let at = 0; at < 1100; at++) file.write(line);
    await file.end();
  }
  const names = await logs();
  expect(names).toHaveLength(3);
  expect(names.filter((name) => /^berth-\d{8}T\d{6}Z-\d+\.log$/.test(name))).toHaveLength(2);
});

test('a file that cannot be written is told of, and nothing else happens', async () => {
  await mkdir(join(folder, 'berth.log'));
  const told: Error[] = [];
  const file = openLogFile({ ...options(), onError: (error) => told.push(error) });
  file.write('one\n');
  await expect.poll(() => told.length).toBeGreaterThan(0);
});
