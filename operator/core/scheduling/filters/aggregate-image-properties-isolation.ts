import type { Json } from '../args.ts';
import { valueColumn } from '../columns.ts';
import { asPythonText } from '../python-text.ts';
import { aggregateTexts } from './aggregate-texts.ts';
import type { Filter } from './filter.ts';

const metadata = valueColumn((host) => aggregateTexts(host.aggregates));

/**
 * Nova's AggregateImagePropertiesIsolation: where a host's aggregates name values of an image property, the request's
 * image must have one of them, or not have that property. Values are compared as Python writes them ("True"), and a
 * property that is false, 0 or empty counts as absent.
 * Arguments, named as Nova's options: `aggregateImagePropertiesIsolationNamespace` ('': every key is looked at) limits
 * it to keys that start with it and `aggregateImagePropertiesIsolationSeparator` ('.').
 */
export const aggregateImagePropertiesIsolation: Filter<{
  aggregateImagePropertiesIsolationNamespace: string | null;
  aggregateImagePropertiesIsolationSeparator: string;
}> = {
  name: 'AggregateImagePropertiesIsolation',
  reasons: [{ code: 'IsolatedFromImage', label: 'kept for other images' }],
  defaults: {
    aggregateImagePropertiesIsolationNamespace: '',
    aggregateImagePropertiesIsolationSeparator: '.',
  },
  nullable: ['aggregateImagePropertiesIsolationNamespace'],
  prepare(request, fleet, args) {
    const prefix = prefixOf(args);
    const properties = Object.entries(request.image?.properties ?? {})
      .filter(([key, value]) => key.startsWith(prefix) && isTrue(value))
      .map(([key, value]) => ({ key, text: asPythonText(value) }));
    if (properties.length === 0) return 'skip';
    const texts = fleet.column(metadata);
    const isOther = (host: number, { key, text }: (typeof properties)[number]) =>
      texts.values[host]?.get(key)?.has(text) === false;
    return {
      check(host) {
        for (let i = 0; i < properties.length; i += 1)
          if (isOther(host, properties[i] as (typeof properties)[number])) return 1;
        return 0;
      },
      detail: (host) => properties.find((property) => isOther(host, property))?.key,
    };
  },
};

function prefixOf(args: (typeof aggregateImagePropertiesIsolation)['defaults']): string {
  const { aggregateImagePropertiesIsolationNamespace: namespace } = args;
  return namespace ? namespace + args.aggregateImagePropertiesIsolationSeparator : '';
}

/** Python's bool(value). */
function isTrue(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
