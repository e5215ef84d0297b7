import { parseFloating } from './python-text.ts';

/**
 * Nova's lists of `name=number` (metrics.weight_setting, image_props_weight_setting). Entries without a name or a
 * number are left out, as Nova does; a name may be there twice.
 */
export function parseWeightSetting(entries: readonly string[]): { name: string; ratio: number }[] {
  return entries.flatMap((entry) => {
    const separator = entry.indexOf('=');
    const ratio = separator > 0 ? parseFloating(entry.slice(separator + 1)) : undefined;
    return ratio === undefined ? [] : [{ name: entry.slice(0, separator), ratio }];
  });
}
