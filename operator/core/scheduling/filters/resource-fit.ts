import { NO_ARGS, type NoArgs } from '../args.ts';
import type { Fleet } from '../fleet.ts';
import type { InventoryColumns } from '../inventory-columns.ts';
import type { RequestSpec } from '../request-spec.ts';
import type { Filter, Shortfall } from './filter.ts';

/** One resource of the request: what is asked, and the columns that it is asked of. */
interface Ask {
  readonly resource: Shortfall['resource'];
  readonly unit: Shortfall['unit'];
  readonly amount: number;
  readonly total: Float64Array;
  readonly reserved: Float64Array;
  readonly used: Float64Array;
  readonly ratio: Float64Array;
  /** Asked beside `amount`, and held already, of what the ratio does not scale. */
  readonly overhead: number;
  readonly overheadUsed: Float64Array | undefined;
  /** The reasons' places. */
  readonly short: number;
  readonly aboveTotal: number;
}

/**
 * Placement's rule: `used + asked <= (total - reserved) * ratio` and `asked <= total`; what is not asked for (0) is
 * not looked at. Placement does not round the right side, a floor would change nothing: asked and used are whole.
 *
 * KubeVirt's memory overhead is real memory, and a dedicated CPU a real one: claimed and asked, they count as reserved before the
 * ratio applies.
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
    const asks = asksOf(request, fleet);
    if (!asks.some(isAsked)) return 'skip';
    const [vcpus, memory, disk] = asks;
    return {
      check: (host) => check(vcpus, host) || check(memory, host) || check(disk, host),
      distance: (host) => distance(asks, host),
      shortfalls: (host) => asks.map((ask) => shortfall(ask, host)).filter(({ missing }) => missing > 0),
      room: (host) => Math.min(room(vcpus, host), room(memory, host), room(disk, host)),
    };
  },
};

function asksOf({ resources }: RequestSpec, fleet: Fleet): readonly [Ask, Ask, Ask] {
  const { vcpus, memoryMiB, overheadMiB, diskGiB, dedicatedCpus = 0 } = resources;
  return [
    {
      ...columnsOf(fleet.vcpus),
      overhead: dedicatedCpus,
      overheadUsed: fleet.dedicatedCpus,
      resource: 'vcpus',
      unit: 'vCPU',
      amount: vcpus,
      short: 1,
      aboveTotal: 4,
    },
    {
      ...columnsOf(fleet.memoryMiB),
      overhead: overheadMiB,
      overheadUsed: fleet.overheadMiB,
      resource: 'memory',
      unit: 'MiB',
      amount: memoryMiB,
      short: 2,
      aboveTotal: 5,
    },
    {
      ...columnsOf(fleet.diskGiB),
      ...NO_OVERHEAD,
      resource: 'disk',
      unit: 'GiB',
      amount: diskGiB,
      short: 3,
      aboveTotal: 6,
    },
  ];
}

const NO_OVERHEAD = { overhead: 0, overheadUsed: undefined };

function columnsOf({ total, reserved, used, allocationRatio: ratio }: InventoryColumns) {
  return { total, reserved, used, ratio };
}

function isAsked({ amount, overhead }: Ask): boolean {
  return amount > 0 || overhead > 0;
}

function check(ask: Ask, host: number): number {
  if (!isAsked(ask)) return 0;
  if (largest(ask) > (ask.total[host] ?? 0)) return ask.aboveTotal;
  return fits(ask, host, 1) ? 0 : ask.short;
}

/** What must not be more than there is in all: Placement's rule, and the same of what no ratio scales where that is all that is asked. */
function largest({ amount, overhead }: Ask): number {
  return amount || overhead;
}

function fits(ask: Ask, host: number, times: number): boolean {
  return (ask.used[host] ?? 0) + times * ask.amount <= limit(ask, host, times);
}

/** How much may be used in all once the overhead of so many is taken off. */
function limit(ask: Ask, host: number, times: number): number {
  const reserved = (ask.reserved[host] ?? 0) + (ask.overheadUsed?.[host] ?? 0) + times * ask.overhead;
  return ((ask.total[host] ?? 0) - reserved) * (ask.ratio[host] ?? 0);
}

function distance(asks: readonly Ask[], host: number): number {
  return asks.reduce((sum, ask) => sum + missing(ask, host) / Math.max(1, ask.amount + ask.overhead), 0);
}

function shortfall(ask: Ask, host: number): Shortfall {
  return { resource: ask.resource, unit: ask.unit, missing: missing(ask, host) };
}

/** What the host would have to have more, in the ask's unit; 0 when it fits. */
function missing(ask: Ask, host: number): number {
  if (!isAsked(ask)) return 0;
  const aboveTotal = largest(ask) - (ask.total[host] ?? 0);
  const aboveLimit = (ask.used[host] ?? 0) + ask.amount - Math.floor(limit(ask, host, 1));
  return Math.max(0, aboveTotal, aboveLimit);
}

/** How many times the ask fits, by the rule itself: dividing rounds, at most by one. */
function room(ask: Ask, host: number): number {
  if (!isAsked(ask)) return Number.POSITIVE_INFINITY;
  if (largest(ask) > (ask.total[host] ?? 0)) return 0;
  const once = ask.amount + ask.overhead * (ask.ratio[host] ?? 0);
  const times = Math.max(0, Math.floor((limit(ask, host, 0) - (ask.used[host] ?? 0)) / once));
  if (fits(ask, host, times + 1)) return times + 1;
  return times === 0 || fits(ask, host, times) ? times : times - 1;
}
