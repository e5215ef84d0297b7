import { expect, test } from 'vitest';
import { parseWeightSetting } from './weight-setting.ts';

test('names and numbers, in order, one name as often as it is there', () => {
  expect(parseWeightSetting(['a=1.0', 'b=-4', 'a= 2'])).toEqual([
    { name: 'a', ratio: 1 },
    { name: 'b', ratio: -4 },
    { name: 'a', ratio: 2 },
  ]);
});

test('what has no name or no number is left out', () => {
  expect(parseWeightSetting(['a', 'a=', '=3', 'a=fast', 'a=1=2', ''])).toEqual([]);
});
