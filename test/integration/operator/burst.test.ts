import { afterAll, beforeAll, expect, test } from 'vitest';
import { Berth, EPHEMERAL } from '#test/berth.ts';

let berth: Berth;

beforeAll(async () => {
  berth = await Berth.start();
  await berth.operator('one-at-a-time', ['--concurrency', '1']);
});
afterAll(() => berth?.stop());

test('all who wait have their claims before the first of them is built', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `burst-${index}`);
  const late = { ...EPHEMERAL, flavorRef: { name: 'late' } };
  await Promise.all(names.map((name) => berth.create(name, late)));
  await Promise.all(names.map((name) => berth.until(name, ({ status }) => status?.conditions !== undefined)));
  await berth.flavor('late', { vcpus: 1, memory: '1Gi', rootDisk: '10Gi' });
  await Promise.all(names.map((name) => berth.active(name)));
  const what = (await berth.writes()).map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`);
  expect(what.filter((it) => it === 'create virtualmachines')).toHaveLength(names.length);
  expect(what.lastIndexOf('update nodeledgers')).toBeLessThan(what.indexOf('create virtualmachines'));
});
