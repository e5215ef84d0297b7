import type { JsonArgs } from './args.ts';
import type { Filter } from './filters/filter.ts';
import { FILTERS } from './filters/list.ts';
import { WEIGHERS } from './weighers/list.ts';
import type { Weigher } from './weighers/weigher.ts';

export interface ProfileFilter {
  readonly filter: Filter;
  /** Only those that differ from the filter's defaults. */
  readonly args?: JsonArgs;
}

export interface ProfileWeigher {
  readonly weigher: Weigher;
  /** Nova's `*_weight_multiplier`; the weigher's own default when absent. An aggregate's goes before either. */
  readonly multiplier?: number;
  readonly args?: JsonArgs;
}

/** How to choose: a SchedulerProfile, its names resolved. */
export interface Profile {
  readonly name: string;
  /** In the order in which they run; a host is counted under the first that turns it away. */
  readonly filters: readonly ProfileFilter[];
  /** In the order in which weights are summed. */
  readonly weighers: readonly ProfileWeigher[];
  /** Nova's host_subset_size: the request's draw chooses among so many best hosts. */
  readonly hostSubsetSize: number;
  /** Nova's shuffle_best_same_weighed_hosts: the draw chooses among all hosts of the best weight. */
  readonly shuffleBestSameWeighedHosts: boolean;
  /** Nova's max_attempts: hosts tried before the request fails. The scheduler only carries it. */
  readonly maxAttempts: number;
  /** Most hosts named after the chosen one, to be tried in turn. */
  readonly alternates: number;
  /** Most hosts whose figures a decision keeps. */
  readonly explainedHosts: number;
}

/** What other pods hold is not free (ADR 0022). Nova, too, does not count Instances unless its operators say so. */
const DEFAULT_ARGS: Readonly<Record<string, JsonArgs>> = {
  CPUWeigher: { countReserved: true },
  DiskWeigher: { countReserved: true },
  NumInstancesFilter: { maxInstancesPerHost: null },
  AggregateNumInstancesFilter: { maxInstancesPerHost: null },
  IoOpsFilter: { maxIoOpsPerHost: null },
  AggregateIoOpsFilter: { maxIoOpsPerHost: null },
};

/** Every filter and weigher; spreads, as Nova does. */
export const DEFAULT_PROFILE: Profile = {
  name: 'default',
  filters: FILTERS.map((filter) => ({ filter, args: DEFAULT_ARGS[filter.name] })),
  weighers: WEIGHERS.map((weigher) => ({ weigher, args: DEFAULT_ARGS[weigher.name] })),
  hostSubsetSize: 1,
  shuffleBestSameWeighedHosts: false,
  maxAttempts: 3,
  alternates: 4,
  explainedHosts: 5,
};
