import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatMiB,
  formatMilli,
  parseBytes,
  parseCount,
  parseGiB,
  parseMiB,
  parseMilli,
  QuantityError,
} from './quantity.ts';

describe('a quantity of bytes', () => {
  test.each([
    ['128974848', 128974848],
    ['129e6', 129000000],
    ['129M', 129000000],
    ['123Mi', 128974848],
    ['1.5Gi', 1610612736],
    ['1e3', 1000],
    ['1E3', 1000],
    ['2E', 2e18],
    ['.5Ki', 512],
    ['5.Ki', 5120],
    ['+1k', 1000],
    ['-1k', -1000],
    ['1e-2', 1],
    ['0', 0],
  ])('%s is %d bytes', (text, bytes) => {
    if (Number.isSafeInteger(bytes)) expect(parseBytes(text, 'up')).toBe(bytes);
    else expect(() => parseBytes(text, 'up')).toThrow('too large');
  });

  test('in MiB or GiB goes up for a request and down for a capacity', () => {
    expect([parseMiB('2Gi', 'up'), parseMiB('2Gi', 'down')]).toEqual([2048, 2048]);
    expect([parseMiB('1G', 'up'), parseMiB('1G', 'down')]).toEqual([954, 953]);
    expect([parseGiB('20G', 'up'), parseGiB('20G', 'down')]).toEqual([19, 18]);
    expect([parseMiB('1', 'up'), parseMiB('1', 'down')]).toEqual([1, 0]);
    expect([parseMiB('-1', 'up'), parseMiB('-1', 'down')]).toEqual([0, -1]);
  });

  test('larger than a number holds exactly is still read when its unit makes it small', () => {
    expect(parseMiB('8Ei', 'up')).toBe(2 ** 43);
    expect(() => parseBytes('8Ei', 'up')).toThrow('"8Ei" is too large');
  });
});

describe('a quantity of CPUs', () => {
  test.each([
    ['500m', 500],
    ['2', 2000],
    ['0.1', 100],
    ['1.5', 1500],
    ['100u', 1],
    ['1n', 1],
    ['2k', 2000000],
  ])('%s asks for %d thousandths', (text, milli) => {
    expect(parseMilli(text, 'up')).toBe(milli);
  });

  test('counted whole', () => {
    expect([parseCount('1500m', 'up'), parseCount('1500m', 'down')]).toEqual([2, 1]);
  });
});

describe('what is no quantity is refused with the reason', () => {
  test.each([
    ['', 'it is empty'],
    ['Gi', 'it does not start with a number'],
    ['two', 'it does not start with a number'],
    ['.', 'it does not start with a number'],
    ['2GB', '"GB" is not one of the suffixes'],
    ['2gi', '"gi" is not one of the suffixes'],
    ['2 Gi', '" Gi" is not one of the suffixes'],
    ['1e', '"e" is not one of the suffixes'],
    ['1e100', '"e100" is not one of the suffixes'],
    ['1Ki5', '"Ki5" is not one of the suffixes'],
    ['9'.repeat(100), 'longer than 64 characters'],
  ])('%j: %s', (text, reason) => {
    expect(() => parseMiB(text, 'up')).toThrow(QuantityError);
    expect(() => parseMiB(text, 'up')).toThrow(reason);
  });
});

describe('written as Kubernetes writes it', () => {
  test('bytes in the largest binary unit that leaves a whole number', () => {
    expect([0, 1, 1024, 1536, 1610612736, 2 ** 31].map(formatBytes)).toEqual([
      '0',
      '1',
      '1Ki',
      '1536',
      '1536Mi',
      '2Gi',
    ]);
  });

  test('MiB and thousandths of CPUs', () => {
    expect([0, 512, 1024, 1536, 1048576].map(formatMiB)).toEqual(['0', '512Mi', '1Gi', '1536Mi', '1Ti']);
    expect([0, 500, 1000, 1500].map(formatMilli)).toEqual(['0', '500m', '1', '1500m']);
  });

  test('only what is whole can be written', () => {
    expect(() => formatBytes(1.5)).toThrow(QuantityError);
    expect(() => formatMilli(Number.NaN)).toThrow(QuantityError);
  });
});

describe('for any amount', () => {
  const suffix = fc.constantFrom('', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi');
  const decimal = fc
    .tuple(fc.nat({ max: 9999 }), fc.nat({ max: 999 }))
    .map(([whole, part]) => `${whole}.${part}`);
  const quantity = fc.tuple(decimal, suffix).map((parts) => parts.join(''));

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 }), (amount) => {
        expect(parseBytes(formatBytes(amount), 'up')).toBe(amount);
        expect(parseMiB(formatMiB(amount), 'down')).toBe(amount);
        expect(parseMilli(formatMilli(amount), 'up')).toBe(amount);
      }),
    );
  });

  test('a request is at least what was written, a capacity at most, and they differ by less than one', () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const [bytesUp, bytesDown] = [parseBytes(text, 'up'), parseBytes(text, 'down')];
        const [up, down] = [parseMiB(text, 'up'), parseMiB(text, 'down')];
        expect(up * 2 ** 20).toBeGreaterThanOrEqual(bytesUp);
        expect(down * 2 ** 20).toBeLessThanOrEqual(bytesDown);
        expect(up - down).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a suffix is its factor', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100000 }), (amount) => {
        expect(parseBytes(`${amount}Ki`, 'up')).toBe(amount * 1024);
        expect(parseBytes(`${amount}M`, 'up')).toBe(amount * 1e6);
        expect(parseBytes(`${amount}e3`, 'up')).toBe(amount * 1e3);
      }),
    );
  });
});
