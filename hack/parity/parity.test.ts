import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FILTERS } from '#core/scheduling/filters/list.ts';
import { WEIGHERS } from '#core/scheduling/weighers/list.ts';
import type { FilterRecording, WeigherRecording } from './recording.ts';
import { replay } from './replay.ts';
import { Report } from './report.ts';

const ROOT = join(import.meta.dirname, '../..');

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(ROOT, 'test/vectors/nova', `${name}.json`), 'utf8')) as T;
}

function differences(recording: object): { lines: string[]; report: Report } {
  const lines: string[] = [];
  const report = new Report((line) => lines.push(line));
  replay(recording, report);
  return { lines, report };
}

describe('what was recorded from Nova is answered alike', () => {
  test.each([
    ['filter-cases', 350],
    ['weigher-cases', 640],
    ['fleet-100', 5000],
  ])('%s', (name, atLeast) => {
    const { lines, report } = differences(read<object>(name));
    expect(lines).toEqual([]);
    expect(report.compared).toBeGreaterThan(atLeast);
  });
});

describe('a recording that says otherwise', () => {
  test('of a filter is told of', () => {
    const { cases } = read<FilterRecording>('filter-cases');
    const wrong = cases
      .filter(({ filter }) => filter === 'JsonFilter')
      .map((one) => ({ ...one, passes: !one.passes }));
    expect(differences({ cases: wrong }).lines).toHaveLength(wrong.length);
  });

  test('of a weigher is told of', () => {
    const { cases } = read<WeigherRecording>('weigher-cases');
    const wrong = cases
      .slice(0, 1)
      .map((one) => ({ ...one, weights: one.weights?.map((weight) => weight + 1) }));
    expect(differences({ cases: wrong }).lines[0]).toMatch(/^RAMWeigher-001 weights: expected/);
  });

  test('of a filter that nobody knows is told of', () => {
    const { cases } = read<FilterRecording>('filter-cases');
    const unknown = cases.slice(0, 1).map((one) => ({ ...one, filter: 'NoSuchFilter' }));
    expect(differences({ cases: unknown }).lines[0]).toContain('no such filter');
  });
});

test('what is no recording is refused', () => {
  expect(() => differences({ something: 'else' })).toThrow('is no recording');
});

describe('the table of parity', () => {
  const page = readFileSync(join(ROOT, 'docs/nova-parity.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  const nova = [
    ...new Set(read<FilterRecording>('filter-cases').cases.map(({ filter }) => filter)),
    ...new Set(read<WeigherRecording>('weigher-cases').cases.map(({ weigher }) => weigher)),
  ];

  test.each([...FILTERS, ...WEIGHERS].map(({ name }) => name))('has one row for %s', (name) => {
    expect(rows.filter((row) => row === name)).toHaveLength(1);
  });

  test.each(nova)('has one row for Nova’s %s', (name) => {
    expect(rows.filter((row) => row === name)).toHaveLength(1);
  });
});
