import { expect, test } from 'vitest';
import { asPythonText, parseFloating, parseInteger, strip, words } from './python-text.ts';

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
