import { expect, test } from 'vitest';
import { readSerial } from './serial-line.ts';

const LINES = [
  'SeaBIOS (version 1.16.2)',
  'guest up, memory 3837',
  'disk 0 boot 1',
  'tick 1',
  'power button',
  'guest up, memory 1789',
  'disk 0 boot 2',
  'disk 1 boot 7',
  'tick 1',
  'tick 2',
];

test('the last start counts, with the disks and the memory that it found', () => {
  expect(readSerial(LINES.join('\r\n'))).toEqual({
    starts: 2,
    boots: { 0: 2, 1: 7 },
    ticks: 2,
    memoryMiB: 127.8125,
    powerButton: true,
  });
});

test('a guest that is not up yet has told nothing', () => {
  expect(readSerial('SeaBIOS')).toMatchObject({ starts: 0, boots: {}, ticks: 0 });
});
