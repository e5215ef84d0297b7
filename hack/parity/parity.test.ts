import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FILTERS } from '#core/scheduling/filters/list.ts';
import { WEIGHERS } from '#core/scheduling/weighers/list.ts';
import { readPython } from './read-python.ts';
import type { FilterRecording, FleetRecording, WeigherRecording } from './recording.ts';
import { replay } from './replay.ts';
import { Report } from './report.ts';

const ROOT = join(import.meta.dirname, '../..');

function read<T>(name: string): T {
  return readPython(readFileSync(join(ROOT, 'test/vectors/nova', `${name}.json`), 'utf8')) as T;
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
    ['random/filter-cases', 150],
    ['random/weigher-cases', 100],
    ['random/fleet', 300],
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
    expect(differences({ cases: unknown }).lines[0]).toContain(
      'filter NoSuchFilter: the replay does not know it',
    );
  });

  test.each([
    ['filter_scheduler.no_such_option', 1, 'the replay does not know it'],
    ['filter_scheduler.max_io_ops_per_host', 'eight', 'the replay cannot read "eight"'],
  ])('of the option %s as %j is told of', (option, value, why) => {
    const { cases } = read<FilterRecording>('filter-cases');
    const [one] = cases;
    const { lines } = differences({ cases: [{ ...one, config: { [option]: value } }] });
    expect(lines).toEqual([`${one?.id}: option ${option}: ${why}`]);
  });

  test('of a weigher or an option that a run of a fleet has, and nobody knows, is told of', () => {
    const recording = read<FleetRecording>('random/fleet');
    const [run] = recording.runs;
    const runs = [{ ...run, weighers: ['NoSuchWeigher'], options: { 'metrics.nope': 1 } }];
    expect(differences({ ...recording, runs }).lines).toEqual([
      'run-0: option metrics.nope: the replay does not know it',
      'run-0: weigher NoSuchWeigher: the replay does not know it',
    ]);
  });

  test('of a choice in a fleet is told of, and the replay goes on from it', () => {
    const recording = read<FleetRecording>('random/fleet');
    const [run] = recording.runs;
    const requests = (run?.requests ?? []).slice(0, 1).map((one) => ({ ...one, chosen: 'nowhere' }));
    const { lines } = differences({ ...recording, runs: [{ ...run, requests, finalState: {} }] });
    expect(lines).toEqual([expect.stringMatching(/^run-0 request 1 chosen: expected "nowhere"/)]);
  });
});

describe('a file that cannot be read is refused with what is wrong', () => {
  test.each([[{ something: 'else' }], [[]], [null], [{ cases: [] }]])('%j', (file) => {
    expect(() => differences(file as object)).toThrow('is no recording');
  });

  test('a case without what it needs', () => {
    const { cases } = read<FilterRecording>('filter-cases');
    const broken = cases.slice(0, 1).map(({ passes: _, ...one }) => ({ ...one, host: { host: 'a' } }));
    expect(() => differences({ cases: broken })).toThrow(/cases\.0\.host\.vcpus_total: .*\n.*/);
    expect(() => differences({ cases: broken })).toThrow(/ {2}and \d+ more/);
  });
});

test('what need not be there may be absent', () => {
  const { cases } = read<FilterRecording>('filter-cases');
  const bare = cases
    .filter(({ filter }) => filter === 'ComputeFilter')
    .map(({ host: { pci_pools: _, stats: _stats, metrics: _metrics, ...host }, ...one }) => ({
      ...one,
      host,
    }));
  expect(differences({ cases: bare }).lines).toEqual([]);
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
