import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Kill, KillBench, type Killed } from '#test/kills/bench.ts';
import { STORIES } from '#test/kills/stories.ts';

/** All of them with BERTH_KILLS=all; else the words that the kill is told in are to contain one of these. By default a sample. */
const chosen = process.env.BERTH_KILLS ?? 'sample';
const SAMPLE_OF = 12;
const SIDE_BY_SIDE = 3;

let bench: KillBench;
const outcomes: Killed[] = [];

beforeAll(async () => {
  bench = await KillBench.start();
});
afterAll(async () => {
  const struck = outcomes.filter((it) => it.struck).length;
  const { moments } = bench.history;
  console.log(
    JSON.stringify({ measured: 'kills', kills: outcomes.length, struck, crashes: bench.crashes, moments }),
  );
  await bench.stop();
});

const inWords = ({ story, write, when }: Kill) => `${story}: ${when} ${write}`;

const words = chosen.split(',');
const isAny = chosen === 'all' || chosen === 'sample';

/** Stories of which no kill can be meant are not played. */
function isMeant(story: string): boolean {
  const stories = words.map((it) => it.split(':')[0] ?? '');
  const named = (it: string) => stories.some((words) => it.includes(words));
  return isAny || named(story) || !Object.keys(STORIES).some(named);
}

function those(kills: readonly Kill[]): Kill[] {
  if (chosen === 'all') return [...kills];
  if (chosen !== 'sample') return kills.filter((it) => words.some((part) => inWords(it).includes(part)));
  const every = Math.ceil(kills.length / SAMPLE_OF);
  return kills.filter((_, index) => index % every === 0);
}

test('an operator that dies at any kind of write leaves what its successor brings to the same end', {
  timeout: 3_600_000,
}, async () => {
  const kills = those(await bench.allKills(isMeant));
  for (let from = 0; from < kills.length; from += SIDE_BY_SIDE) {
    const round = await bench.round(kills.slice(from, from + SIDE_BY_SIDE));
    outcomes.push(...round);
    for (const { failure, struck, ...kill } of round)
      console.log(JSON.stringify({ kill: inWords(kill), struck, ok: failure === undefined }));
    const failed = round.filter(({ failure }) => failure !== undefined);
    const replay = failed.map((it) => `replay: npm run -s kills -- --only '${inWords(it)}'\n${it.failure}`);
    expect(replay.join('\n\n')).toBe('');
  }
  expect([...bench.history.violations]).toEqual([]);
  expect(outcomes.filter(({ struck }) => struck).length).toBeGreaterThan(0.75 * kills.length);
});
