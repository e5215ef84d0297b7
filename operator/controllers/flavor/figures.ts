import type { Flavor, FlavorCapacity } from '#api/flavor.ts';
import { bareRequest, flavorCapacity } from '#core/flavors/flavor-capacity.ts';
import type { Prober } from '#ports/prober.ts';
import type { Caches } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import { loosestRatios } from '../instance/loosest-ratios.ts';

export interface Figures {
  capacity: FlavorCapacity;
  inUse: number;
}

interface Known {
  uid: string;
  figures: Figures;
  version: number;
  at: number;
}

/** A Flavor's figures are worked out, and so written, no oftener. */
const PACE_MS = 10_000;
/** With many Flavors, all of them together are written no oftener than 10 times a second. */
const PACE_PER_FLAVOR_MS = 100;

/**
 * How many more of each Flavor fit, and how many there are. Every claim changes the first for every Flavor: so they
 * follow at a pace of their own, and not each claim. A burst costs one write for each Flavor every 10 seconds at most,
 * and none while nothing changes; who reads them to choose a Flavor is served by figures that old, and who needs those
 * of this moment asks a PlacementProbe.
 */
export class FlavorFigures {
  readonly #caches: Pick<Caches, 'flavors' | 'instances' | 'computeNodes'>;
  readonly #prober: Pick<Prober, 'version' | 'capacity'>;
  readonly #build: Flavors['build'];
  readonly #known = new Map<string, Known>();

  constructor(
    caches: Pick<Caches, 'flavors' | 'instances' | 'computeNodes'>,
    prober: Pick<Prober, 'version' | 'capacity'>,
    build: Flavors['build'],
  ) {
    this.#caches = caches;
    this.#prober = prober;
    this.#build = build;
  }

  /** As of at most the pace ago; `now` and what it returns beside the figures are in milliseconds. */
  of(flavor: Flavor, now: number): Figures & { nextInMs: number } {
    const { name, uid } = flavor.metadata;
    const paceMs = Math.max(PACE_MS, this.#caches.flavors.size * PACE_PER_FLAVOR_MS);
    const known = this.#knownOf(flavor);
    const age = now - (known?.at ?? Number.NEGATIVE_INFINITY);
    if (known && age < paceMs) return { ...known.figures, nextInMs: paceMs - age };
    const { version } = this.#prober;
    const capacity = known?.version === version ? known.figures.capacity : this.#count(flavor);
    const figures = {
      capacity,
      inUse: this.#caches.instances.byIndex('flavor', name).length,
    };
    this.#known.set(name, { uid, figures, version, at: now });
    return { ...figures, nextInMs: paceMs };
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  /** Nothing is known of a Flavor that was deleted and made again. */
  #knownOf({ metadata: { name, uid } }: Flavor): Known | undefined {
    const known = this.#known.get(name);
    return known?.uid === uid ? known : undefined;
  }

  #count(flavor: Flavor): FlavorCapacity {
    const memoryRatio = loosestRatios(this.#caches.computeNodes.list()).memory;
    const count = (ephemeralRoot: boolean) =>
      this.#prober.capacity(bareRequest(this.#build(flavor), { ephemeralRoot, memoryRatio }));
    return flavorCapacity(count(false), count(true));
  }
}
