import type { FilterCount, ReasonCount } from './decision.ts';
import type { Filter, PreparedFilter } from './filters/filter.ts';
import type { Fleet } from './fleet.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';

/** A filter at work on one kind of request. */
export interface Step {
  readonly filter: Filter;
  /** In the profile's list. */
  readonly place: number;
  readonly prepared: PreparedFilter;
}

/** Reasons of a filter are counted from 1, so a verdict is never 0 for a host that is turned away. */
const REASONS = 32;

/**
 * Every host's verdict for one kind of request: 0 when it passes all filters, else which filter is the first to
 * refuse it (`verdict / 32`, by place in the profile) and for which reason (`verdict % 32`).
 */
export class Sieve {
  readonly steps: readonly Step[];
  /** Those whose answers claims can change. */
  readonly #unsettled: readonly Step[];
  /** By host index. */
  readonly verdicts: Uint16Array;
  /** By verdict: how many hosts have it. */
  readonly counts: Uint32Array;
  readonly #fleet: Fleet;
  #filterCounts: readonly FilterCount[] | undefined;

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile) {
    this.#fleet = fleet;
    this.steps = prepareSteps(fleet, request, profile, () => true);
    this.#unsettled = this.steps.filter(({ filter }) => !filter.settled);
    this.verdicts = new Uint16Array(fleet.capacity);
    this.counts = new Uint32Array(Math.max(1, profile.filters.length) * REASONS);
    const { order, size } = fleet;
    for (let i = 0; i < size; i += 1) {
      const host = order[i] ?? 0;
      this.#enter(host, judge(this.steps, host));
    }
  }

  get hostsLeft(): number {
    return this.counts[0] ?? 0;
  }

  /** Judges a host that changed, or judges it by other steps than those that all hosts are judged by. */
  judgeAgain(host: number, steps: readonly Step[] = this.steps): void {
    const before = this.verdicts[host] ?? 0;
    const verdict = judge(steps, host);
    if (verdict === before) return;
    this.#filterCounts = undefined;
    this.counts[before] = (this.counts[before] ?? 0) - 1;
    this.#enter(host, verdict);
  }

  /** Judges a host on which a claim was made or dropped: the filters that let it pass, and know nothing of claims, still do. */
  judgeClaimed(host: number): void {
    this.judgeAgain(host, this.verdicts[host] === 0 ? this.#unsettled : this.steps);
  }

  /** What became of all hosts, as a decision tells it: for requests without ties. */
  get filterCounts(): readonly FilterCount[] {
    this.#filterCounts ??= filterCounts(this.steps, this.counts, this.#fleet.size);
    return this.#filterCounts;
  }

  /** Hosts that pass, in the order of their names. */
  hosts(): Int32Array {
    const { order, size } = this.#fleet;
    const passing = new Int32Array(this.hostsLeft);
    let count = 0;
    for (let i = 0; i < size; i += 1) {
      const host = order[i] ?? 0;
      if (this.verdicts[host] === 0) passing[count++] = host;
    }
    return passing;
  }

  /** The step that refuses the host, when every other one would let it pass. */
  soleRefusal(host: number): Step | undefined {
    const verdict = this.verdicts[host] ?? 0;
    if (verdict === 0) return undefined;
    const first = this.steps.findIndex(({ place }) => place === placeOf(verdict));
    for (let i = first + 1; i < this.steps.length; i += 1)
      if (this.steps[i]?.prepared.check(host) !== 0) return undefined;
    return this.steps[first];
  }

  #enter(host: number, verdict: number): void {
    this.verdicts[host] = verdict;
    this.counts[verdict] = (this.counts[verdict] ?? 0) + 1;
  }
}

export function prepareSteps(
  fleet: Fleet,
  request: RequestSpec,
  profile: Profile,
  wanted: (filter: Filter) => boolean,
): Step[] {
  return profile.filters.flatMap(({ filter, args }, place) => {
    if (!wanted(filter)) return [];
    const prepared = filter.prepare(request, fleet, { ...filter.defaults, ...args });
    return prepared === 'skip' ? [] : [{ filter, place, prepared }];
  });
}

export function judge(steps: readonly Step[], host: number): number {
  for (let i = 0; i < steps.length; i += 1) {
    const { prepared, place } = steps[i] as Step;
    const reason = prepared.check(host);
    if (reason !== 0) return verdictOf(place, reason);
  }
  return 0;
}

export function verdictOf(place: number, reason: number): number {
  return place * REASONS + reason;
}

/** The place of the filter that gave the verdict, which is not 0. */
export function placeOf(verdict: number): number {
  return Math.floor(verdict / REASONS);
}

/** The counts of all verdicts as a decision tells them. */
export function filterCounts(
  steps: readonly Step[],
  counts: Uint32Array,
  hostsConsidered: number,
): FilterCount[] {
  let hostsIn = hostsConsidered;
  return steps.map(({ filter, place }) => {
    const reasons = reasonCounts(filter, place, counts);
    const turnedAway = reasons.reduce((sum, { hosts }) => sum + hosts, 0);
    const count = { filter: filter.name, hostsIn, turnedAway, reasons };
    hostsIn -= turnedAway;
    return count;
  });
}

function reasonCounts(filter: Filter, place: number, counts: Uint32Array): ReasonCount[] {
  const reasons: ReasonCount[] = [];
  for (let i = 0; i < filter.reasons.length; i += 1) {
    const hosts = counts[verdictOf(place, i + 1)] ?? 0;
    const reason = filter.reasons[i];
    if (hosts > 0 && reason) reasons.push({ code: reason.code, label: reason.label, hosts });
  }
  return reasons.length > 1 ? reasons.sort((a, b) => b.hosts - a.hosts) : reasons;
}
