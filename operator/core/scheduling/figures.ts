import type { WeigherFigure } from './decision.ts';
import type { Fleet } from './fleet.ts';
import { Measure } from './measure.ts';
import type { Profile, ProfileWeigher } from './profile.ts';
import type { RequestSpec } from './request-spec.ts';
import type { PreparedWeigher } from './weighers/weigher.ts';

/** A tied weigher's own view of one request, to be put in place of what is kept. */
export interface TiedMeasure {
  readonly measure: Measure;
  readonly prepared: PreparedWeigher;
}

/** Equal for requests of which the profile's weighers read the same, ties apart. */
export function figuresKey(request: RequestSpec, { weighers }: Profile): string {
  return JSON.stringify(weighers.map(({ weigher }) => weigher.reads?.(request)));
}

/** Every host's figures for all requests that the weighers do not tell apart: their plans share them. */
export class Figures {
  readonly measures: readonly Measure[];
  /** Those whose figures differ, and those among them that count. */
  varying: readonly Measure[] = [];
  weighing: readonly Measure[] = [];
  /** Moves with `varying` and `weighing`. */
  version = 0;
  /** Hosts' indices by name, and by host index the place in that order. */
  readonly order: Int32Array;
  readonly places: Int32Array;
  readonly #fleet: Fleet;
  readonly #entries: readonly ProfileWeigher[];
  readonly #epoch: number;
  #generation: number;

  constructor(fleet: Fleet, request: RequestSpec, profile: Profile) {
    this.#fleet = fleet;
    this.#entries = profile.weighers;
    this.measures = profile.weighers.flatMap((entry) => {
      const prepared = prepare(entry, fleet, request);
      return prepared === 'skip' ? [] : [new Measure(fleet, entry.weigher, prepared, multiplierOf(entry))];
    });
    this.order = fleet.order.slice(0, fleet.size);
    this.places = new Int32Array(fleet.capacity);
    for (let place = 0; place < this.order.length; place += 1) {
      this.places[this.order[place] ?? 0] = place;
    }
    for (const measure of this.measures) measure.takeAll(this.order);
    this.#select();
    this.#epoch = fleet.epoch;
    this.#generation = fleet.generation;
  }

  /** Takes over what changed in the fleet since. False when that is too much: make new ones. */
  catchUp(): boolean {
    const { epoch, journal } = this.#fleet;
    if (epoch !== this.#epoch || !journal.reachesBackTo(this.#generation)) return false;
    for (let change = this.#generation + 1; change <= journal.generation; change += 1)
      this.measure(journal.hostOf(change));
    this.#generation = journal.generation;
    return true;
  }

  /** Takes a host's figures. */
  measure(host: number, tied: readonly TiedMeasure[] = []): void {
    for (let i = 0; i < this.measures.length; i += 1) {
      const measure = this.measures[i] as Measure;
      const { varies, weighs } = measure;
      measure.take(host, preparedFor(measure, tied));
      if (measure.varies !== varies || measure.weighs !== weighs) this.#select();
    }
  }

  /** The tied weighers, made ready for a request that is like the one before but for its ties. */
  tie(request: RequestSpec): TiedMeasure[] {
    return this.#entries.flatMap((entry) => {
      const measure = entry.weigher.tied && this.measures.find(({ weigher }) => weigher === entry.weigher);
      const prepared = measure && prepare(entry, this.#fleet, request);
      return measure && prepared && prepared !== 'skip' ? [{ measure, prepared }] : [];
    });
  }

  /** A host's figures on the scales that are set. */
  explain(host: number): WeigherFigure[] {
    const figures: WeigherFigure[] = [];
    for (let i = 0; i < this.measures.length; i += 1)
      figures.push((this.measures[i] as Measure).figure(host));
    return figures;
  }

  #select(): void {
    this.varying = this.measures.filter(({ varies }) => varies);
    this.weighing = this.varying.filter(({ weighs }) => weighs);
    this.version += 1;
  }
}

function preparedFor(measure: Measure, tied: readonly TiedMeasure[]): PreparedWeigher | undefined {
  return tied.length === 0 ? undefined : tied.find((other) => other.measure === measure)?.prepared;
}

function prepare(entry: ProfileWeigher, fleet: Fleet, request: RequestSpec) {
  const { weigher, args } = entry;
  return weigher.prepare(request, fleet, { ...weigher.defaults, ...args }, multiplierOf(entry));
}

function multiplierOf({ weigher, multiplier = weigher.multiplier }: ProfileWeigher): number {
  return weigher.negated ? -multiplier : multiplier;
}
