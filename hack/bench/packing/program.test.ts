import { expect, test } from 'vitest';
import { mixOf } from './mixes.ts';
import { programOf } from './program.ts';

const host = mixOf('uniform', 1).hosts[0]!;
const flavor = { vcpus: 40, memoryMiB: 1000, overheadMiB: 24, diskGiB: 1 };
const one = { flavor, stays: 1 };
const lines = (program: string) => program.split('\n');

test('like requests of a round are one variable for each host, no more than fit there whole', () => {
  const program = lines(programOf({ hosts: [host], rounds: [[one, one, one, one]] }, () => 1));
  expect(program).toContain('x0_0 <= 4');
  expect(program).toContain('40 x0_0 <= 128');
  expect(program).toContain('1024 x0_0 <= 258048');
  expect(program.slice(program.indexOf('Bounds'))).toContain('x0_0 <= 3');
});

test('a request takes room in the rounds for which it stays', () => {
  const rounds = [[{ flavor, stays: 2 }], [one]];
  const program = programOf({ hosts: [host], rounds }, () => 1);
  expect(program).toContain('40 x0_0 <= 128\n');
  expect(program).toContain('40 x0_0 +\n 40 x1_0 <= 128\n');
});
