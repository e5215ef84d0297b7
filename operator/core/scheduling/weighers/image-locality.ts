import { NO_ARGS, type NoArgs } from '../args.ts';
import { valueColumn } from '../columns.ts';
import { aggregateMultiplier } from './multiplier.ts';
import type { Weigher } from './weigher.ts';

const images = valueColumn((host) => host.images && new Set(host.images));

/**
 * Berth's own: 1 for a host that holds the request's image already and need not fetch it, else 0. A request whose image
 * no node pulls (a root disk on a volume) is not weighed. By default it decides between hosts that are about alike, and
 * no more: else the first host with an image would be filled up. Arguments: none. Aggregates set the multiplier (0.01)
 * under `image_locality_weight_multiplier`.
 */
export const imageLocalityWeigher: Weigher<NoArgs> = {
  name: 'ImageLocalityWeigher',
  multiplier: 0.01,
  multipliers: aggregateMultiplier('image_locality_weight_multiplier'),
  defaults: NO_ARGS,
  reads: ({ image }) => (image?.pulled ? image.id : undefined),
  prepare({ image }, fleet) {
    if (!image?.pulled) return 'skip';
    const held = fleet.column(images);
    return { minval: 0, raw: (host) => (held.values[host]?.has(image.id) ? 1 : 0) };
  },
};
