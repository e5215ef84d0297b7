import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MixOptions } from '#test/mix/plan.ts';
import { runMix } from '#test/mix/run.ts';

/** The short form; `npm run -s mix` sets another by BERTH_MIX. */
const SHORT: MixOptions = { seed: 2, instances: 25, minutes: 1, rate: 1.5 };
const options: MixOptions = {
  ...SHORT,
  ...(JSON.parse(process.env.BERTH_MIX ?? '{}') as Partial<MixOptions>),
};
const REPORTS = join(import.meta.dirname, '../../../.berth/mix');
const MOST_MS = options.minutes * 60_000 + 900_000;

test(`a random mix of operations and faults ends well: seed ${options.seed}, ${options.instances} Instances`, {
  timeout: MOST_MS,
}, async () => {
  const { figures, ...report } = await runMix(options);
  for (const it of figures) console.log(JSON.stringify({ measured: 'operation', ...it }));
  console.log(JSON.stringify({ measured: 'mix', ...report }));
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(REPORTS, `seed-${options.seed}.json`), JSON.stringify({ ...report, figures }, null, 1));
  expect(report.wrong.join('\n')).toBe('');
  expect(report.operations).toBeGreaterThan(options.instances);
});
