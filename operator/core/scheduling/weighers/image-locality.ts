import { NO_ARGS, type NoArgs } from '../args.ts';
import { valueColumn } from '../columns.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

const images = valueColumn((host) => host.images && new Set(host.images));

/**
 * Berth's own: 1 for a host that holds the request's image already and need not fetch it, else 0. A request without an
 * image is not weighed. Arguments: none. Aggregates set the multiplier (1) under `image_locality_weight_multiplier`.
 */
export const imageLocalityWeigher: Weigher<NoArgs> = {
  name: 'ImageLocalityWeigher',
  multiplier: 1,
  multipliers: aggregateMultiplier('image_locality_weight_multiplier'),
  defaults: NO_ARGS,
  reads: ({ image }) => image?.id,
  prepare({ image }, fleet) {
    if (image === undefined) return 'skip';
    const held = fleet.column(images);
    return { minval: 0, raw: (host) => (held.values[host]?.has(image.id) ? 1 : 0) };
  },
};
