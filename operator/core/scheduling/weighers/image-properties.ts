import type { Json } from '../args.ts';
import type { Column, ColumnKind } from '../columns.ts';
import { asPythonText } from '../python-text.ts';
import { parseWeightSetting } from '../weight-setting.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

type Properties = Readonly<Record<string, Json>>;

interface PropertyCounts extends Column {
  /** By host index: how many Instances have a property, as `propertyText` writes it. */
  readonly counts: Map<string, number>[];
}

const propertyCounts: ColumnKind<PropertyCounts> = () => ({
  counts: [],
  grow() {},
  write(host, { instanceImageProperties = [] }) {
    const counts = new Map<string, number>();
    for (const properties of instanceImageProperties) count(counts, properties, 1);
    this.counts[host] = counts;
  },
  claim(host, { image }, sign) {
    const counts = this.counts[host];
    if (image && counts) count(counts, image.properties, sign);
  },
});

/**
 * Nova's ImagePropertiesWeigher: how often the properties of the request's image are found, with the same value, among
 * the images of the Instances on the host. A positive multiplier brings like to like.
 * Arguments: `imagePropsWeightSetting` ([]: each property counts 1), entries `name=ratio`: those not named count 0.
 * Nova's options: image_props_weight_setting, image_props_weight_multiplier (0.0: off, whatever an aggregate says).
 */
export const imagePropertiesWeigher: Weigher<{ imagePropsWeightSetting: readonly string[] }> = {
  name: 'ImagePropertiesWeigher',
  multiplier: 0,
  multipliers: aggregateMultiplier('image_props_weight_multiplier'),
  defaults: { imagePropsWeightSetting: [] },
  reads: ({ image }) => image?.properties,
  prepare({ image }, fleet, { imagePropsWeightSetting }, multiplier) {
    const sought = multiplier === 0 ? [] : soughtOf(image?.properties ?? {}, imagePropsWeightSetting);
    if (sought.length === 0) return 'skip';
    const { counts } = fleet.column(propertyCounts);
    return {
      raw(host) {
        const found = counts[host];
        let sum = 0;
        for (let i = 0; i < sought.length; i += 1) {
          const { text, ratio } = sought[i] as (typeof sought)[number];
          sum += (found?.get(text) ?? 0) * ratio;
        }
        return sum;
      },
    };
  },
};

function soughtOf(properties: Properties, setting: readonly string[]): { text: string; ratio: number }[] {
  const ratios = new Map(parseWeightSetting(setting).map(({ name, ratio }) => [name, ratio]));
  const otherwise = ratios.size === 0 ? 1 : 0;
  return Object.entries(properties)
    .map(([name, value]) => ({ text: propertyText(name, value), ratio: ratios.get(name) ?? otherwise }))
    .filter(({ ratio }) => ratio !== 0);
}

function count(counts: Map<string, number>, properties: Properties, sign: number): void {
  for (const [name, value] of Object.entries(properties)) {
    const text = propertyText(name, value);
    counts.set(text, (counts.get(text) ?? 0) + sign);
  }
}

function propertyText(name: string, value: Json): string {
  return `${name}=${asPythonText(value)}`;
}
