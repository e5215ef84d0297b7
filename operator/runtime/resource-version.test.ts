import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNewer } from './resource-version.ts';

test('orders like the numbers, however long', () => {
  const version = fc.bigInt({ min: 1n, max: 2n ** 70n });
  fc.assert(fc.property(version, version, (a, b) => isNewer(`${a}`, `${b}`) === a > b));
});

test('what is not a number is newer when it differs', () => {
  expect(isNewer('x', 'y')).toBe(true);
  expect(isNewer('x', 'x')).toBe(false);
});
