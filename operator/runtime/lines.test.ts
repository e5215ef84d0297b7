import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './lines.ts';

function split(chunks: Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  return lines;
}

test('lines come out whole however they are cut, also within a character', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(
      fc.array(line),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(split(chunks)).toEqual(lines);
      },
    ),
  );
});

test('a line that was cut off is not handed on, empty lines are skipped', () => {
  expect(split([Buffer.from('one\n\ntwo\nthr'), Buffer.from('ee')])).toEqual(['one', 'two']);
});

test('a line of 20 MB in small chunks is put together in linear time', () => {
  const chunk = Buffer.alloc(16 * 1024, 'x');
  const chunks = Array.from({ length: 1280 }, () => chunk);
  const started = performance.now();
  expect(split([...chunks, Buffer.from('\n')])[0]).toHaveLength(1280 * 16 * 1024);
  expect(performance.now() - started).toBeLessThan(2_000);
});
