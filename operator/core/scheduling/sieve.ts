import type { FilterCount, ReasonCount } from './decision.ts';
import type { Filter, PreparedFilter } from './filters/filter.ts';
import type { Fleet } from './fleet.ts';
import type { Profile } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';

export interface Step {
  readonly filter: Filter;
  readonly prepared: PreparedFilter;
}

/** Reasons of a filter are counted from 1, so a verdict is never 0 for a host that is turned away. */
const REASONS = 32;

/**
 * Every host's verdict for one kind of request: 0 when it passes all filters, else which filter is the first to
 * refuse it (`verdict / 32`, by place in `steps`) and for which reason (`verdict % 32`).
 */
export class Sieve {
  readonly steps: readonly Step[];
  readonly #fleet: Fleet;
  /** By host index. */
  readonly verdicts: Uint16Array;
  readonly #counts: Uint32Array;

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile) {
    this.#fleet = fleet;
    this.steps = prepareAll(fleet, request, profile);
    this.verdicts = new Uint16Array(fleet.capacity);
    this.#counts = new Uint32Array(Math.max(1, this.steps.length) * REASONS);
    const { order, size } = fleet;
    for (let i = 0; i < size; i += 1) this.#enter(order[i] ?? 0);
  }

  get hostsLeft(): number {
    return this.#counts[0] ?? 0;
  }

  verdict(host: number): number {
    return this.verdicts[host] ?? 0;
  }

  /** Judges a host that changed; true when it now passes and did not, or the other way round. */
  judgeAgain(host: number): boolean {
    const before = this.verdict(host);
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#enter(host);
    return (before === 0) !== (this.verdict(host) === 0);
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
    const verdict = this.verdict(host);
    if (verdict === 0) return undefined;
    const first = Math.floor(verdict / REASONS);
    for (let i = first + 1; i < this.steps.length; i += 1)
      if (this.steps[i]?.prepared.check(host) !== 0) return undefined;
    return this.steps[first];
  }

  counts(): FilterCount[] {
    let hostsIn = this.#fleet.size;
    return this.steps.map(({ filter }, place) => {
      const reasons = this.#reasonCounts(filter, place);
      const turnedAway = reasons.reduce((sum, { hosts }) => sum + hosts, 0);
      const count = { filter: filter.name, hostsIn, turnedAway, reasons };
      hostsIn -= turnedAway;
      return count;
    });
  }

  #reasonCounts(filter: Filter, place: number): ReasonCount[] {
    return filter.reasons
      .map(({ code, label }, i) => ({ code, label, hosts: this.#counts[place * REASONS + i + 1] ?? 0 }))
      .filter(({ hosts }) => hosts > 0)
      .sort((a, b) => b.hosts - a.hosts);
  }

  #enter(host: number): void {
    const verdict = this.#judge(host);
    this.verdicts[host] = verdict;
    this.#counts[verdict] = (this.#counts[verdict] ?? 0) + 1;
  }

  #judge(host: number): number {
    const { steps } = this;
    for (let i = 0; i < steps.length; i += 1) {
      const reason = (steps[i] as Step).prepared.check(host);
      if (reason !== 0) return i * REASONS + reason;
    }
    return 0;
  }
}

function prepareAll(fleet: Fleet, request: RequestSpec, profile: Profile): Step[] {
  return profile.filters.flatMap(({ filter, args }) => {
    const prepared = filter.prepare(request, fleet, { ...filter.defaults, ...args });
    return prepared === 'skip' ? [] : [{ filter, prepared }];
  });
}
