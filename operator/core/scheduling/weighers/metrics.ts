import { valueColumn } from '../columns.ts';
import { parseWeightSetting } from '../weight-setting.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

const metrics = valueColumn((host) => new Map(Object.entries(host.metrics ?? {})));
const multipliers = aggregateMultiplier('metrics_weight_multiplier');

/**
 * Nova's MetricsWeigher: the host's metrics times the ratios of the setting, summed.
 *
 * A host that lacks a metric has `weightOfUnavailable` for its figure, whatever else it reports. If metrics are not
 * `required`, only where the ratio and the host's multiplier are not 0; if they are, Nova fails the whole request.
 * Arguments, as Nova's options of the group `metrics`: `weightSetting` ([]: it is off), entries `name=ratio`;
 * `required` (true); `weightOfUnavailable` (-10000). Nova's option: metrics.weight_multiplier (1.0).
 */
export const metricsWeigher: Weigher<{
  weightSetting: readonly string[];
  required: boolean;
  weightOfUnavailable: number;
}> = {
  name: 'MetricsWeigher',
  multiplier: 1,
  multipliers,
  defaults: { weightSetting: [], required: true, weightOfUnavailable: -10_000 },
  prepare(_request, fleet, { weightSetting, required, weightOfUnavailable }, multiplier) {
    const setting = parseWeightSetting(weightSetting);
    if (setting.length === 0) return 'skip';
    const reported = fleet.column(metrics);
    const own = fleet.column(multipliers);
    const isMissed = (host: number, ratio: number) => {
      const override = own.values[host] ?? Number.NaN;
      return required || ratio * (Number.isNaN(override) ? multiplier : override) !== 0;
    };
    return {
      raw(host) {
        const values = reported.values[host];
        let sum = 0;
        for (let i = 0; i < setting.length; i += 1) {
          const { name, ratio } = setting[i] as (typeof setting)[number];
          const value = values?.get(name);
          if (value !== undefined) sum += value * ratio;
          else if (isMissed(host, ratio)) return weightOfUnavailable;
        }
        return sum;
      },
    };
  },
};
