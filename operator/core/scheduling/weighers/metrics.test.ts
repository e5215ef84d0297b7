import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { weigh, weights } from '../testing/weigh.ts';
import { metricsWeigher as weigher } from './metrics.ts';

const hosts = [
  host('host1', { metrics: { 'cpu.frequency': 2000, 'cpu.user.time': 100 } }),
  host('host2', { metrics: { 'cpu.frequency': 2600 } }),
  host('host3'),
];

/** Raw figures by host. */
function raws(args: { weightSetting: string[]; required?: boolean }, multiplier = 1, on = hosts) {
  const figures = weigh([{ weigher, args, multiplier }], ...on).map(({ host: name, figures: [figure] }) => [
    name,
    figure?.raw,
  ]);
  return Object.fromEntries(figures);
}

test('the sum of metric times ratio; entries that say nothing are left out', () => {
  const weightSetting = [
    'cpu.frequency=1.0',
    'cpu.frequency=1.0',
    'cpu.user.time=-4.0',
    'cpu.frequency=fast',
  ];
  expect(weights([{ weigher, args: { weightSetting } }], ...hosts.slice(0, 2))).toEqual([
    'host1 1',
    'host2 0',
  ]);
  expect(raws({ weightSetting }).host1).toBe(3600);
});

test('off without a setting', () => {
  expect(weigh([{ weigher }], ...hosts)[0]?.figures).toEqual([]);
});

test('a host that lacks a required metric has the figure of the unavailable', () => {
  const weightSetting = ['cpu.frequency=1.0', 'cpu.user.time=2.0'];
  for (const multiplier of [1, 0])
    expect(raws({ weightSetting }, multiplier)).toEqual({ host1: 2200, host2: -10000, host3: -10000 });
});

test('as Nova: what is not required is missed only where it would count', () => {
  const required = false;
  const two = ['cpu.frequency=1.0', 'cpu.user.time=2.0'];
  expect(raws({ weightSetting: two, required }, -1)).toEqual({ host1: 2200, host2: -10000, host3: -10000 });
  expect(raws({ weightSetting: two, required }, 0)).toEqual({ host1: 2200, host2: 2600, host3: 0 });
  const noRatio = ['cpu.frequency=1.0', 'cpu.user.time=0'];
  expect(raws({ weightSetting: noRatio, required })).toEqual({ host1: 2000, host2: 2600, host3: -10000 });
});

test('as Nova: an aggregate’s multiplier of 0 makes up for a missing metric', () => {
  const aggregates = [{ name: 'a', metadata: { metrics_weight_multiplier: '0' } }];
  const on = [hosts[0] ?? host('host1'), host('host3', { aggregates })];
  expect(raws({ weightSetting: ['cpu.frequency=1.0'], required: false }, 1, on)).toEqual({
    host1: 2000,
    host3: 0,
  });
});
