import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultBench, type Outcome } from '#test/faults/bench.ts';

const ALL = 100;
const chosen = process.env.BERTH_SEED;
const rounds = chosen === undefined ? Array.from({ length: ALL / 4 }, (_, it) => 4 * it) : [Number(chosen)];

let bench: FaultBench;
const outcomes: Outcome[] = [];

beforeAll(async () => {
  bench = await FaultBench.start();
});
afterAll(async () => {
  const struck = outcomes.filter((it) => it.struck).length;
  const mishaps = outcomes.reduce((sum, it) => sum + it.mishaps, 0);
  const { moments } = bench.history;
  console.log(
    JSON.stringify({
      measured: 'seeds',
      seeds: outcomes.length,
      struck,
      mishaps,
      crashes: bench.crashes,
      moments,
    }),
  );
  await bench.stop();
});

test.for(rounds)(
  'what is promised holds through the round of seed %i',
  { timeout: 180_000 },
  async (seed) => {
    const seeds = FaultBench.roundOf(seed);
    const round = await bench.round(seeds);
    outcomes.push(...round);
    const failed = round.filter(({ failure }) => failure !== undefined);
    const replay = failed.map((it) => `replay: npm run -s faults -- --seed ${it.seed}\n${it.failure}`);
    expect(replay.join('\n\n')).toBe('');
    expect([...bench.history.violations]).toEqual([]);
  },
);

test.runIf(chosen === undefined)('nearly every planned fault came about', () => {
  expect(outcomes.filter((it) => !it.struck).map(({ seed }) => seed).length).toBeLessThan(ALL / 10);
});
