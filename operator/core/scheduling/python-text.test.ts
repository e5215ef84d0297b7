import { expect, test } from 'vitest';
import {
  asPythonText,
  compareTexts,
  parseFloating,
  parseInteger,
  pythonText,
  strip,
  words,
} from './python-text.ts';

test('whole numbers as int() reads them', () => {
  expect([' 5 ', '-1', '+7', '007', '1_000', '\u00855\u001f'].map(parseInteger)).toEqual([
    5, -1, 7, 7, 1000, 5,
  ]);
  for (const text of ['', '3.5', '1e3', '0x10', '3,4', 'lots', '1__0', '_1', '\ufeff5'])
    expect(parseInteger(text)).toBeUndefined();
});

test('numbers as float() reads them', () => {
  expect([' 2 ', '1e3', '.5', '5.', '1_000', '-inf', '+Infinity', 'NaN'].map(parseFloating)).toEqual([
    2,
    1000,
    0.5,
    5,
    1000,
    -Infinity,
    Infinity,
    Number.NaN,
  ]);
  for (const text of ['', 'fast', '1,2', '0x10', '1e', '.', '+ 1'])
    expect(parseFloating(text)).toBeUndefined();
});

test('decimal digits of every script are digits', () => {
  expect(['٣', '१२', '１0', '𝟗'].map(parseInteger)).toEqual([3, 12, 10, 9]);
  expect(parseFloating('٣.٥e١')).toBe(35);
  expect(parseInteger('²')).toBeUndefined();
});

test('texts are ordered by code points, not by UTF-16', () => {
  expect(['\u{1f600}', 'a', '\uffee', 'ab', ''].sort(compareTexts)).toEqual([
    '',
    'a',
    'ab',
    '\uffee',
    '\u{1f600}',
  ]);
  expect(compareTexts('\u{1f600}', '\u{1f600}')).toBe(0);
});

test('white space is what Python takes for it', () => {
  expect(strip(' \u001ca b\u0085')).toBe('a b');
  expect(words(' >=\t5 \u00a0 6 ')).toEqual(['>=', '5', '6']);
  expect(words('  ')).toEqual([]);
});

test('values as str() writes them', () => {
  expect([true, false, 8, 'x86_64', null, ['a', "it's"], [1, [true]]].map(asPythonText)).toEqual([
    'True',
    'False',
    '8',
    'x86_64',
    'None',
    `['a', "it's"]`,
    '[1, [True]]',
  ]);
});

test('what cannot be printed is escaped within other values, as repr() does', () => {
  expect(asPythonText(['a\n\t\r\\', '\u0000\u007f', '\u00a0\u2028', '\u{e0001}'])).toBe(
    String.raw`['a\n\t\r\\', '\x00\x7f', '\xa0\u2028', '\U000e0001']`,
  );
  expect(asPythonText(['é \u{1f600}'])).toBe("['é \u{1f600}']");
});

test('ints and floats are written apart', () => {
  expect(
    [8n, 8, -0, 2.5, 1e15, 1e16, 1.5e-5, 0.0001, 123456.789, Number.NaN, -Infinity].map(pythonText),
  ).toEqual([
    '8',
    '8.0',
    '-0.0',
    '2.5',
    '1000000000000000.0',
    '1e+16',
    '1.5e-05',
    '0.0001',
    '123456.789',
    'nan',
    '-inf',
  ]);
  expect(asPythonText([8, 0.5, 1e22])).toBe('[8, 0.5, 1e+22]');
});
