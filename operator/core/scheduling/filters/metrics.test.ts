import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { metricsFilter } from './metrics.ts';

const needing = (...weightSetting: string[]) => ({ ...metricsFilter, defaults: { weightSetting } });
const slow = host('slow', { metrics: { 'cpu.frequency': 1800 } });
const busy = host('busy', { metrics: { 'cpu.frequency': 2600, 'cpu.user.time': 5 } });

test('off without a setting, or with entries that say nothing', () => {
  expect(judge(metricsFilter, asking(), slow)).toBe('skip');
  expect(judge(needing('cpu.frequency', '=3'), asking(), slow)).toBe('skip');
});

test('a host must report every metric, those of ratio 0 too', () => {
  const filter = needing('cpu.frequency=1.0', 'cpu.user.time=0');
  expect(judge(filter, asking(), slow, busy, host('silent'))).toEqual([
    'MetricMissing',
    'passes',
    'MetricMissing',
  ]);
  expect(preparedFor(filter, asking(), slow).detail?.(0)).toBe('cpu.user.time');
});
