import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePythonJson } from './python-json.ts';

test('ints of any size are apart from floats', () => {
  expect(parsePythonJson('[1, 1.0, 1e2, -0, 9007199254740993]')).toEqual([1n, 1, 100, 0n, 9007199254740993n]);
});

test('NaN and Infinity are numbers, but not within texts', () => {
  expect(parsePythonJson('{"NaN": [NaN, Infinity, -Infinity, "NaN", "a \\" Infinity"]}')).toEqual({
    NaN: [Number.NaN, Infinity, -Infinity, 'NaN', 'a " Infinity'],
  });
});

test.each(['', '{bad', '[1,]', 'nan', '"a', '01'])('%s is not JSON to Python either', (text) => {
  expect(parsePythonJson(text)).toBeUndefined();
});

test('any JSON is read as JSON.parse reads it, ints apart', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain = JSON.stringify(parsePythonJson(text), (_, value) =>
        typeof value === 'bigint' ? Number(value) : value,
      );
      expect(plain).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});
