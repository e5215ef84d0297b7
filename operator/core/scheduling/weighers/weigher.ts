import type { JsonArgs } from '../args.ts';
import type { ColumnKind, NumberColumn } from '../columns.ts';
import type { Fleet } from '../fleet.ts';
import type { RequestSpec } from '../request-spec.ts';

/** What a weigher made ready for one request. It is good until the fleet's epoch moves. */
export interface PreparedWeigher {
  /** Of a tied weigher, always: the hosts whose figure is not 0. */
  readonly tiedTo?: Iterable<number>;
  /** The host's raw figure; more is better under a positive multiplier. Allocates nothing. */
  raw(host: number): number;
  /** Nova's minval: raw figures below are cut to it, and it is the 0 of the normalised scale. Else the least raw is. */
  readonly minval?: number;
  /** Nova's maxval, likewise the 1 of the scale. */
  readonly maxval?: number;
}

export interface Weigher<A extends JsonArgs = JsonArgs> {
  /** Nova's class name where Nova has the weigher. */
  readonly name: string;
  /** Nova's default of its `*_weight_multiplier` option; a profile may set another. */
  readonly multiplier: number;
  /** The negative of the multiplier is what counts: Nova's BuildFailureWeigher. `multipliers` has them negated. */
  readonly negated?: true;
  /** The hosts' own multipliers, from their aggregates' metadata; NaN where there is none. */
  readonly multipliers: ColumnKind<NumberColumn>;
  readonly defaults: A;
  /** Arguments that may be null. */
  readonly nullable?: readonly string[];
  /**
   * It reads `request.ties`, which concerns few hosts: the figure of every host is 0 without ties, and that of all but
   * the hosts in `tiedTo` with them. Whether it skips must not depend on `ties`. All others never read `ties`.
   */
  readonly tied?: true;
  /** What of the request its figures depend on, ties apart. Absent: on nothing, all requests have the same. */
  reads?(request: RequestSpec): unknown;
  /** Once per request. 'skip' weighs every host 0. `multiplier` is the one that hosts without their own have. */
  prepare(request: RequestSpec, fleet: Fleet, args: A, multiplier: number): PreparedWeigher | 'skip';
}
