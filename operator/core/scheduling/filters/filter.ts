import type { JsonArgs } from '../args.ts';
import type { Fleet } from '../fleet.ts';
import type { RequestSpec } from '../request-spec.ts';

/** Why a filter turns hosts away, one of a finite list. */
export interface Reason {
  /** CamelCase, for machines and conditions. */
  readonly code: string;
  /** A word or two for a count: "memory 4". */
  readonly label: string;
}

/** By how much a host is too small for a request. */
export interface Shortfall {
  /** `vcpus`, `memory`, `disk`, or Kubernetes' name of the resource. */
  readonly resource: string;
  readonly missing: number;
  readonly unit: 'vCPU' | 'MiB' | 'GiB' | 'device' | 'page';
}

/** What a filter made ready for one request. It is good until the fleet's epoch moves. */
export interface PreparedFilter {
  /** Of a tied filter, always: the hosts that are concerned, and what every other host is answered. */
  readonly tiedTo?: TiedTo;
  /**
   * 0 when the host passes, else which of the filter's reasons it is refused for, counted from 1. Called for every
   * host of the fleet: it reads columns and allocates nothing.
   */
  check(host: number): number;
  /** More about a refusal, for operators ("disabled: replacing DIMM 3"). */
  detail?(host: number): string | undefined;
  /** For a refused host: how far it is from passing, as a share of what is asked. Called often: allocates nothing. */
  distance?(host: number): number;
  /** For a refused host: what is missing. */
  shortfalls?(host: number): Shortfall[];
  /** For a host that passes: how many like requests would, claimed one after the other. Absent: no end to it. */
  room?(host: number): number;
}

/** The hosts that a request's ties concern. `check` answers `others` for any host but these. */
export interface TiedTo {
  readonly hosts: Iterable<number>;
  /** 0: all others pass. A reason: none but `hosts` may. */
  readonly others: number;
}

/** The filter has nothing to say about this request, and is left out of the decision. */
export type Skip = 'skip';

export interface Filter<A extends JsonArgs = JsonArgs> {
  /** Nova's class name where Nova has the filter. */
  readonly name: string;
  /** At most 31, for the count kept of each. */
  readonly reasons: readonly Reason[];
  /** Its arguments with their defaults; a profile may set them. */
  readonly defaults: A;
  /** Arguments that may be null. */
  readonly nullable?: readonly string[];
  /**
   * It reads `request.ties`, which concerns few hosts: such a filter skips a request without ties, answers from `ties`
   * (and `group`), and says in `tiedTo` which hosts are concerned. All others never read `ties`.
   */
  readonly tied?: true;
  /** What is claimed on a host never changes its answer: it is not asked again after a claim. */
  readonly settled?: true;
  /** Once per request: looks names up, parses hints. A filter's answers depend on request, fleet and args alone. */
  prepare(request: RequestSpec, fleet: Fleet, args: A): PreparedFilter | Skip;
}
