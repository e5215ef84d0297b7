import { valueColumn } from '../columns.ts';
import { parseWeightSetting } from '../weight-setting.ts';
import type { Filter } from './filter.ts';

const names = valueColumn(({ metrics }) => metrics && new Set(Object.keys(metrics)));

/**
 * Nova's MetricsFilter: a host must report every metric that the MetricsWeigher would weigh, whatever its ratio.
 * Arguments: `weightSetting` ([]: it is off), entries `name=ratio`. Nova's option: metrics.weight_setting.
 */
export const metricsFilter: Filter<{ weightSetting: readonly string[] }> = {
  name: 'MetricsFilter',
  reasons: [{ code: 'MetricMissing', label: 'metric missing' }],
  defaults: { weightSetting: [] },
  prepare(_request, fleet, { weightSetting }) {
    const needed = parseWeightSetting(weightSetting).map(({ name }) => name);
    if (needed.length === 0) return 'skip';
    const reported = fleet.column(names);
    return {
      check(host) {
        const known = reported.values[host];
        for (let i = 0; i < needed.length; i += 1) if (!known?.has(needed[i] as string)) return 1;
        return 0;
      },
      detail: (host) => needed.find((name) => !reported.values[host]?.has(name)),
    };
  },
};
