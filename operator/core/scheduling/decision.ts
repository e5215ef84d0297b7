import type { Shortfall } from './filters/filter.ts';

export interface ReasonCount {
  readonly code: string;
  readonly label: string;
  readonly hosts: number;
}

/** One filter's part in a decision. A filter that does not apply to the request has none. */
export interface FilterCount {
  readonly filter: string;
  readonly hostsIn: number;
  readonly turnedAway: number;
  /** Most frequent first; they add up to `turnedAway`. */
  readonly reasons: readonly ReasonCount[];
}

/** One weigher's figures for a host: it adds `multiplier * normalised` to the weight. */
export interface WeigherFigure {
  readonly weigher: string;
  readonly raw: number;
  readonly normalised: number;
  readonly multiplier: number;
}

export interface WeighedHost {
  readonly host: string;
  readonly weight: number;
  readonly figures: readonly WeigherFigure[];
}

/** A host that one filter alone keeps from fitting. */
export interface NearestMiss {
  readonly host: string;
  readonly filter: string;
  readonly reason: string;
  readonly label: string;
  /** What is missing, where it can be measured. */
  readonly shortfalls: readonly Shortfall[];
  /** The filter's own words about this host, for operators. */
  readonly detail?: string;
}

interface Considered {
  readonly profile: string;
  readonly hostsConsidered: number;
  /** In the order in which they ran. */
  readonly filters: readonly FilterCount[];
}

export interface Placed extends Considered {
  readonly kind: 'placed';
  readonly host: string;
  /** The next best, in order. */
  readonly alternates: readonly string[];
  /** Hosts that passed every filter. */
  readonly hostsLeft: number;
  /**
   * The best hosts, best first. With one host left nothing is weighed, as in Nova: its weight is 0, without figures.
   */
  readonly best: readonly WeighedHost[];
  /** Place of the chosen host by weight: 1, unless the profile left it to the draw. */
  readonly rank: number;
  /** The chosen host's figures, where the draw took one that is not among `best`. */
  readonly drawn?: WeighedHost;
}

export interface NoValidHost extends Considered {
  readonly kind: 'noValidHost';
  /** Closest first, a few of them; none when every host has more than one thing against it. */
  readonly nearestMisses: readonly NearestMiss[];
}

/** A plain value: it can be kept, compared and sent. It names hosts and has their figures, which are for operators. */
export type Decision = Placed | NoValidHost;
