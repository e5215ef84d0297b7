import { expect, test } from 'vitest';
import type { Claim } from '#api/nodeledger.ts';
import { driftOf, inWords, mended } from './drift.ts';

const claim = (name: string, rest: Partial<Claim> = {}): Claim => ({
  uid: name,
  ownerKind: 'Instance',
  namespace: 'default',
  name,
  instanceUid: name,
  vcpus: 1,
  memoryMiB: 1024,
  overheadMiB: 180,
  diskGiB: 10,
  ...rest,
});
const unknown = () => undefined;
const because = 'its pod runs here';

test('a guest without a claim gets one', () => {
  const drift = driftOf([claim('a')], [{ claim: claim('b'), because }], unknown);
  expect(drift).toEqual([{ kind: 'missing', claim: claim('b'), because }]);
  expect(mended([claim('a')], drift)).toEqual([claim('a'), claim('b')]);
  expect(inWords(drift)).toBe('default/b was missing: its pod runs here');
});

test('any claim for the guest will do: of the Instance, or of a move of it', () => {
  const move = claim('m', { ownerKind: 'VirtualMachineInstanceMigration', instanceUid: 'a' });
  expect(driftOf([move], [{ claim: claim('a'), because }], unknown)).toEqual([]);
});

test('a claim that nothing speaks for is left alone', () => {
  expect(driftOf([claim('a')], [], unknown)).toEqual([]);
});

test.each([{ vcpus: 0 }, { memoryMiB: 1 }, { diskGiB: 99 }, { overheadMiB: 0 }, { serverGroup: 'web' }])(
  'figures that were changed by hand are put right: %j',
  (rest) => {
    const drift = driftOf([claim('a', rest)], [], () => claim('a'));
    expect(mended([claim('a', rest)], drift)).toEqual([claim('a')]);
  },
);

test('more overhead than would be claimed now is no drift', () => {
  expect(driftOf([claim('a', { overheadMiB: 300 })], [], () => claim('a'))).toEqual([]);
});

test('nothing to mend is the same claims', () => {
  const claims = [claim('a')];
  expect(mended(claims, [])).toBe(claims);
});
