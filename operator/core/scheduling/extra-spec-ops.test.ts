import { expect, test } from 'vitest';
import { parseRequirement } from './extra-spec-ops.ts';

test.each([
  ['true', 'true', 'matches'],
  ['true', 'True', 'differs'],
  [' a  b', ' a  b', 'matches'],
  ['', '', 'matches'],
  ['= 5', '7', 'matches'],
  ['= 5', '4', 'differs'],
  ['== 5', '5.0', 'matches'],
  ['!= 5', '5', 'differs'],
  ['<= 1_0', '1e1', 'matches'],
  ['>= 5 or so', '5', 'matches'],
  ['>= 5', 'new', 'unreadable'],
  ['>= new', '5', 'unreadable'],
  ['!= nan', 'nan', 'matches'],
  ['>=', '5', 'differs'],
  ['>=5', '5', 'differs'],
  ['s== gold', 'gold', 'matches'],
  ['s!= gold', 'gold', 'differs'],
  ['s< 10', '9', 'differs'],
  ['s>= 10', '9', 'matches'],
  ['s> \uffee', '\u{1f600}', 'matches'],
  ['== ٣', '3', 'matches'],
  ['<in> plate', 'goldplated', 'matches'],
  ['<in> plate', 'gold', 'differs'],
  ['<all-in> a c', 'a b c', 'matches'],
  ['<all-in> a d', 'a b c', 'differs'],
  ['<all-in>', 'a', 'differs'],
  ['<or> gold <or> silver', 'silver', 'matches'],
  ['<or> gold <or> silver', 'bronze', 'differs'],
  ['<or> gold silver', 'silver', 'differs'],
  ['<or>', 'gold', 'unreadable'],
])('"%s" of "%s": %s', (requirement, value, answer) => {
  expect(parseRequirement(requirement)(value)).toBe(answer);
});
