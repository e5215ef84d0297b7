import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Fleet } from '../fleet.ts';
import type { InventoryColumns } from '../inventory-columns.ts';
import type { RequestSpec } from '../request-spec.ts';
import type { Filter, Shortfall } from './filter.ts';

/** One resource of the request: which column has it, and what is asked of it. */
interface Ask {
  readonly resource: Shortfall['resource'];
  readonly unit: Shortfall['unit'];
  readonly amount: number;
  readonly inventory: InventoryColumns;
  /** Asked beside `amount`, out of what the ratio does not scale; `claimed` is what is held of it already. */
  readonly overhead: number;
  readonly claimed: Float64Array | undefined;
  /** The reasons' places. */
  readonly short: number;
  readonly aboveTotal: number;
}

/**
 * Placement's rule: `used + asked <= (total - reserved) * ratio` and `asked <= total`; what is not asked for (0) is
 * not looked at. Placement does not round the right side, a floor would change nothing: asked and used are whole.
 *
 * KubeVirt's memory overhead is real memory: claimed and asked, it counts as reserved before the ratio applies.
 *
 * A host short of several resources is counted once, under the first of vcpus, memory, disk. Arguments: none.
 */
export const resourceFit: Filter<NoArgs> = {
  name: 'ResourceFit',
  reasons: [
    { code: 'InsufficientVcpus', label: 'vcpus' },
    { code: 'InsufficientMemory', label: 'memory' },
    { code: 'InsufficientDisk', label: 'disk' },
    { code: 'VcpusAboveTotal', label: 'more vcpus than it has' },
    { code: 'MemoryAboveTotal', label: 'more memory than it has' },
    { code: 'DiskAboveTotal', label: 'more disk than it has' },
  ],
  defaults: NO_ARGS,
  prepare(request, fleet) {
    const asks = asksOf(request, fleet).filter((ask) => ask.amount > 0 || ask.overhead > 0);
    if (asks.length === 0) return 'skip';
    return {
      check: (host) => checkAll(asks, host),
      distance: (host) => distance(asks, host),
      shortfalls: (host) => asks.map((ask) => shortfall(ask, host)).filter(({ missing }) => missing > 0),
    };
  },
};

function asksOf({ resources }: RequestSpec, fleet: Fleet): Ask[] {
  const plain = { overhead: 0, claimed: undefined };
  const overhead = { overhead: resources.overheadMiB, claimed: fleet.overheadMiB };
  const { vcpus, memoryMiB, diskGiB } = fleet;
  return [
    {
      resource: 'vcpus',
      unit: 'vCPU',
      amount: resources.vcpus,
      inventory: vcpus,
      ...plain,
      short: 1,
      aboveTotal: 4,
    },
    {
      resource: 'memory',
      unit: 'MiB',
      amount: resources.memoryMiB,
      inventory: memoryMiB,
      ...overhead,
      short: 2,
      aboveTotal: 5,
    },
    {
      resource: 'disk',
      unit: 'GiB',
      amount: resources.diskGiB,
      inventory: diskGiB,
      ...plain,
      short: 3,
      aboveTotal: 6,
    },
  ];
}

function checkAll(asks: readonly Ask[], host: number): number {
  for (let i = 0; i < asks.length; i += 1) {
    const refusal = check(asks[i] as Ask, host);
    if (refusal !== 0) return refusal;
  }
  return 0;
}

function check(ask: Ask, host: number): number {
  if (ask.amount > (ask.inventory.total[host] ?? 0)) return ask.aboveTotal;
  return (ask.inventory.used[host] ?? 0) + ask.amount <= limit(ask, host) ? 0 : ask.short;
}

/** How much may be used in all once the overhead is taken off. */
function limit({ inventory, overhead, claimed }: Ask, host: number): number {
  const reserved = (inventory.reserved[host] ?? 0) + (claimed?.[host] ?? 0) + overhead;
  return ((inventory.total[host] ?? 0) - reserved) * (inventory.allocationRatio[host] ?? 0);
}

function distance(asks: readonly Ask[], host: number): number {
  let sum = 0;
  for (let i = 0; i < asks.length; i += 1) {
    const ask = asks[i] as Ask;
    sum += missing(ask, host) / (ask.amount + ask.overhead);
  }
  return sum;
}

function shortfall(ask: Ask, host: number): Shortfall {
  return { resource: ask.resource, unit: ask.unit, missing: missing(ask, host) };
}

/** What the host would have to have more, in the ask's unit; 0 when it fits. */
function missing(ask: Ask, host: number): number {
  const aboveTotal = ask.amount - (ask.inventory.total[host] ?? 0);
  const aboveLimit = (ask.inventory.used[host] ?? 0) + ask.amount - Math.floor(limit(ask, host));
  return Math.max(0, aboveTotal, aboveLimit);
}
