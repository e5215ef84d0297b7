import type { Best } from './best.ts';
import { type Measure, weightOf } from './measure.ts';

const LEAF = 8;
/** So many changes per host, and the hosts are grouped afresh. */
const REBUILD = 4;
/** So many leaves visited, as a share of all, and drift is counted afresh. */
const REFRESH = 0.25;

/** Above what rounding can do to a sum of weights, as a share of its parts. */
const ROUNDING = 1e-13;

/**
 * The hosts that pass, in a tree of boxes: each node knows the least and greatest figure of every weigher among the
 * hosts below it, and the greatest weight that one of them had on the scales of some time ago. That gives the scales at
 * once, and the best hosts without looking at all: a node none of whose hosts can be among the best is left out.
 * What it finds is what weighing every host finds, to the last bit (ADR 0024).
 */
export class Ranking {
  readonly #measures: readonly Measure[];
  /** Those that tell hosts apart on the scales that are set, and their places among all. */
  readonly #telling: Measure[] = [];
  /** By measure, during an update: 1 while its box may have changed. */
  readonly #stale: Uint8Array;
  /** By host index: 1 for hosts that the boxes count. */
  readonly #boxed: Uint8Array;
  /** By host index: 0 for a host that passes. */
  readonly #verdicts: Uint16Array;
  /** By host index: its place in the order of names, which breaks ties. */
  readonly #ranks: Int32Array;
  /** Hosts, so that those near each other in figures share a leaf: leaf i has the LEAF hosts from i * LEAF on. */
  readonly #slots: Int32Array;
  readonly #slotOf: Int32Array;
  /** Leaves are the nodes `#leaves` to `2 * #leaves - 1`, node n's children are 2n and 2n + 1, the root is 1. */
  readonly #leaves: number;
  /** By node: the least and the greatest figure of each measure, in turn. */
  readonly #boxes: Float64Array;
  readonly #leastRanks: Int32Array;
  readonly #drift: Drift;
  /** By host index: the weight on the scales that `#drift` counts from; by node: the greatest among the hosts below. */
  readonly #weights: Float64Array;
  readonly #greatest: Float64Array;
  #updates = 0;
  #visited = 0;

  constructor(measures: readonly Measure[], order: Int32Array, verdicts: Uint16Array) {
    this.#measures = measures;
    this.#verdicts = verdicts;
    this.#drift = new Drift(measures);
    this.#stale = new Uint8Array(measures.length);
    this.#boxed = new Uint8Array(verdicts.length);
    this.#slots = Int32Array.from(order);
    this.#ranks = new Int32Array(verdicts.length);
    this.#slotOf = new Int32Array(verdicts.length);
    this.#weights = new Float64Array(verdicts.length);
    for (let i = 0; i < order.length; i += 1) this.#ranks[order[i] ?? 0] = i;
    this.#leaves = powerOfTwo(Math.ceil(order.length / LEAF));
    this.#boxes = new Float64Array(4 * this.#leaves * measures.length);
    this.#leastRanks = new Int32Array(2 * this.#leaves);
    this.#greatest = new Float64Array(2 * this.#leaves);
    this.#boxAll();
    this.#build();
  }

  /** Takes over a host's new figures, and whether it passes. */
  update(host: number): void {
    const passes = this.#verdicts[host] === 0 ? 1 : 0;
    if (passes === 0 && this.#boxed[host] === 0) return;
    const turned = passes !== this.#boxed[host];
    this.#boxed[host] = passes;
    this.#updates += 1;
    this.#weights[host] = this.#drift.weightBefore(host);
    for (let m = 0; m < this.#stale.length; m += 1)
      this.#stale[m] = turned || this.#measures[m]?.moved ? 1 : 0;
    let node = this.#leaves + Math.floor((this.#slotOf[host] ?? 0) / LEAF);
    if (!this.#boxLeaf(node)) return;
    for (node >>= 1; node > 0 && this.#boxInner(node); node >>= 1);
  }

  /** Sets every measure's scale by the hosts that pass. */
  scale(): void {
    if (this.#updates > REBUILD * this.#slots.length) this.#build();
    else if (this.#visited > REFRESH * this.#leaves) this.#refresh();
    this.#setScales();
    this.#drift.measure();
  }

  #setScales(): void {
    const { length } = this.#measures;
    this.#telling.length = 0;
    for (let m = 0; m < length; m += 1) {
      const box = (length + m) * 2;
      const measure = this.#measures[m] as Measure;
      measure.scale(this.#boxes[box] ?? 0, this.#boxes[box + 1] ?? 0);
      if (measure.range !== 0) this.#telling.push(measure);
    }
  }

  /** Offers `best` every host that could be among them, on the scales that are set. */
  search(best: Best): void {
    this.#visit(1, this.#bound(1), best);
  }

  #visit(node: number, bound: number, best: Best): void {
    if (!best.admits(bound, this.#leastRanks[node] ?? 0)) return;
    if (node < this.#leaves) this.#visitBoth(node, best);
    else this.#offerLeaf(node, best);
  }

  /** The more promising half first: the other may then be left out. */
  #visitBoth(node: number, best: Best): void {
    const left = node * 2;
    const right = left + 1;
    const leftBound = this.#bound(left);
    const rightBound = this.#bound(right);
    const leftFirst =
      leftBound > rightBound ||
      (leftBound === rightBound && (this.#leastRanks[left] ?? 0) < (this.#leastRanks[right] ?? 0));
    this.#visit(leftFirst ? left : right, leftFirst ? leftBound : rightBound, best);
    this.#visit(leftFirst ? right : left, leftFirst ? rightBound : leftBound, best);
  }

  #offerLeaf(leaf: number, best: Best): void {
    this.#visited += 1;
    const first = (leaf - this.#leaves) * LEAF;
    const end = Math.min(first + LEAF, this.#slots.length);
    for (let slot = first; slot < end; slot += 1) {
      const host = this.#slots[slot] ?? 0;
      if (this.#verdicts[host] === 0) best.offer(host, weightOf(this.#telling, host), this.#ranks[host] ?? 0);
    }
  }

  /** No host below weighs more. Not a number where figures are not finite: nothing is known then. */
  #bound(node: number): number {
    const drifted = (this.#greatest[node] ?? 0) + this.#drift.most(this.#boxes, node);
    return Math.min(drifted, this.#corner(node));
  }

  /**
   * The weight of a host that had the best of each figure in the box. No host below weighs more, rounding included: on
   * given scales a weight is made of monotone operations, and these are the same.
   */
  #corner(node: number): number {
    const measures = this.#measures;
    const boxes = this.#boxes;
    let box = node * measures.length * 2;
    let bound = 0;
    for (let i = 0; i < measures.length; i += 1, box += 2) {
      const { min, range, leastMultiplier: least, greatestMultiplier: greatest } = measures[i] as Measure;
      if (range === 0) continue;
      const low = ((boxes[box] ?? 0) - min) / range;
      const high = ((boxes[box + 1] ?? 0) - min) / range;
      bound +=
        least === greatest
          ? least * (least < 0 ? low : high)
          : Math.max(least * low, least * high, greatest * low, greatest * high);
    }
    return bound;
  }

  /** Groups the hosts by their figures, and counts drift from the scales of now. */
  #build(): void {
    this.#updates = 0;
    this.#split(0, this.#leaves);
    this.#boxAll();
    this.#refresh();
  }

  /** Counts drift from the scales of now. */
  #refresh(): void {
    this.#visited = 0;
    this.#setScales();
    this.#drift.begin();
    for (let slot = 0; slot < this.#slots.length; slot += 1) {
      const host = this.#slots[slot] ?? 0;
      this.#weights[host] = weightOf(this.#telling, host);
    }
    for (let leaf = this.#leaves; leaf < this.#leaves * 2; leaf += 1) {
      const first = (leaf - this.#leaves) * LEAF;
      this.#greatest[leaf] = this.#greatestWeight(first, Math.min(first + LEAF, this.#slots.length));
    }
    for (let node = this.#leaves - 1; node > 0; node -= 1)
      this.#greatest[node] = Math.max(this.#greatest[node * 2] ?? 0, this.#greatest[node * 2 + 1] ?? 0);
  }

  #boxAll(): void {
    this.#stale.fill(1);
    for (let slot = 0; slot < this.#slots.length; slot += 1) {
      const host = this.#slots[slot] ?? 0;
      this.#slotOf[host] = slot;
      this.#boxed[host] = this.#verdicts[host] === 0 ? 1 : 0;
    }
    for (let leaf = this.#leaves; leaf < this.#leaves * 2; leaf += 1) {
      this.#leastRanks[leaf] = this.#leastRankOf(leaf);
      this.#boxLeaf(leaf);
    }
    for (let node = this.#leaves - 1; node > 0; node -= 1) {
      const [left, right] = [node * 2, node * 2 + 1];
      this.#leastRanks[node] = Math.min(this.#leastRanks[left] ?? 0, this.#leastRanks[right] ?? 0);
      this.#boxInner(node);
    }
  }

  #leastRankOf(leaf: number): number {
    const first = (leaf - this.#leaves) * LEAF;
    let least = this.#slots.length;
    for (let slot = first; slot < Math.min(first + LEAF, this.#slots.length); slot += 1)
      least = Math.min(least, this.#ranks[this.#slots[slot] ?? 0] ?? 0);
    return least;
  }

  /** Halves the hosts of these leaves along the weigher that tells them apart most, and so on. */
  #split(firstLeaf: number, leaves: number): void {
    const first = firstLeaf * LEAF;
    const end = Math.min(first + leaves * LEAF, this.#slots.length);
    if (leaves === 1 || end - first <= LEAF) return;
    const half = leaves / 2;
    const keys = this.#widest(first, end);
    const middle = first + half * LEAF;
    if (keys && middle < end) partition(this.#slots, keys, first, end - 1, middle);
    this.#split(firstLeaf, half);
    this.#split(firstLeaf + half, half);
  }

  /** The figures that make the most difference to the weight among these slots; undefined when none does. */
  #widest(first: number, end: number): Float64Array | undefined {
    let widest: Float64Array | undefined;
    let width = 0;
    for (const { raws, range, greatestMultiplier, leastMultiplier } of this.#measures) {
      let least = Number.POSITIVE_INFINITY;
      let greatest = Number.NEGATIVE_INFINITY;
      for (let slot = first; slot < end; slot += 1) {
        const raw = raws[this.#slots[slot] ?? 0] ?? 0;
        if (raw < least) least = raw;
        if (raw > greatest) greatest = raw;
      }
      const most = Math.max(Math.abs(greatestMultiplier), Math.abs(leastMultiplier));
      const difference = range === 0 ? 0 : ((greatest - least) / range) * most;
      if (difference > width) {
        width = difference;
        widest = raws;
      }
    }
    return widest;
  }

  /** True when the box changed. */
  #boxLeaf(leaf: number): boolean {
    const first = (leaf - this.#leaves) * LEAF;
    const end = Math.min(first + LEAF, this.#slots.length);
    let box = leaf * this.#measures.length * 2;
    let changed = this.#setGreatest(leaf, this.#greatestWeight(first, end));
    for (let m = 0; m < this.#measures.length; m += 1, box += 2) {
      if (this.#stale[m] === 0) continue;
      const { raws } = this.#measures[m] as Measure;
      let least = Number.POSITIVE_INFINITY;
      let greatest = Number.NEGATIVE_INFINITY;
      for (let slot = first; slot < end; slot += 1) {
        const host = this.#slots[slot] ?? 0;
        if (this.#verdicts[host] !== 0) continue;
        const raw = raws[host] ?? 0;
        if (raw < least) least = raw;
        if (raw > greatest) greatest = raw;
      }
      changed = this.#setBox(box, least, greatest) || changed;
    }
    return changed;
  }

  #boxInner(node: number): boolean {
    const stride = this.#measures.length * 2;
    const boxes = this.#boxes;
    let box = node * stride;
    let left = node * 2 * stride;
    const greatest = Math.max(this.#greatest[node * 2] ?? 0, this.#greatest[node * 2 + 1] ?? 0);
    let changed = this.#setGreatest(node, greatest);
    for (let m = 0; m < this.#measures.length; m += 1, box += 2, left += 2) {
      if (this.#stale[m] === 0) continue;
      const right = left + stride;
      const least = Math.min(boxes[left] ?? 0, boxes[right] ?? 0);
      const greatest = Math.max(boxes[left + 1] ?? 0, boxes[right + 1] ?? 0);
      changed = this.#setBox(box, least, greatest) || changed;
    }
    return changed;
  }

  #greatestWeight(first: number, end: number): number {
    let greatest = Number.NEGATIVE_INFINITY;
    for (let slot = first; slot < end; slot += 1) {
      const host = this.#slots[slot] ?? 0;
      if (this.#verdicts[host] === 0) greatest = Math.max(greatest, this.#weights[host] ?? 0);
    }
    return greatest;
  }

  #setGreatest(node: number, greatest: number): boolean {
    if (this.#greatest[node] === greatest) return false;
    this.#greatest[node] = greatest;
    return true;
  }

  #setBox(box: number, least: number, greatest: number): boolean {
    if (this.#boxes[box] === least && this.#boxes[box + 1] === greatest) return false;
    this.#boxes[box] = least;
    this.#boxes[box + 1] = greatest;
    return true;
  }
}

/** How the scales moved since some time ago, and what that does to the weights in a box. */
class Drift {
  readonly #measures: readonly Measure[];
  /** By measure, on the scales of then. */
  readonly #mins: Float64Array;
  readonly #ranges: Float64Array;
  /** By measure: a host of the figure x weighs `slope * x + offset` more now, per multiplier. */
  readonly #slopes: Float64Array;
  readonly #offsets: Float64Array;
  #rounding = 0;

  constructor(measures: readonly Measure[]) {
    this.#measures = measures;
    this.#mins = new Float64Array(measures.length);
    this.#ranges = new Float64Array(measures.length);
    this.#slopes = new Float64Array(measures.length);
    this.#offsets = new Float64Array(measures.length);
  }

  /** Counts from the scales that are set. */
  begin(): void {
    for (const [m, { min, range }] of this.#measures.entries()) {
      this.#mins[m] = min;
      this.#ranges[m] = range;
    }
  }

  weightBefore(host: number): number {
    let weight = 0;
    for (let m = 0; m < this.#measures.length; m += 1) {
      const { raws, multipliers } = this.#measures[m] as Measure;
      const range = this.#ranges[m] ?? 0;
      if (range !== 0)
        weight += (multipliers[host] ?? 0) * (((raws[host] ?? 0) - (this.#mins[m] ?? 0)) / range);
    }
    return weight;
  }

  /** Takes the scales that are set for those of now. */
  measure(): void {
    this.#rounding = 0;
    for (let m = 0; m < this.#measures.length; m += 1) {
      const { min, range, leastMultiplier, greatestMultiplier } = this.#measures[m] as Measure;
      const then = inverse(this.#ranges[m] ?? 0);
      const now = inverse(range);
      const minThen = this.#mins[m] ?? 0;
      this.#slopes[m] = now - then;
      this.#offsets[m] = minThen * then - min * now;
      const most = Math.max(Math.abs(leastMultiplier), Math.abs(greatestMultiplier));
      const figures = Math.abs(min) + Math.abs(range) + Math.abs(minThen) + Math.abs(this.#ranges[m] ?? 0);
      this.#rounding += most * figures * (then + now) * ROUNDING;
    }
  }

  /** By how much a weight in the node's box can have grown, at most. */
  most(boxes: Float64Array, node: number): number {
    let box = node * this.#measures.length * 2;
    let most = this.#rounding;
    for (let m = 0; m < this.#measures.length; m += 1, box += 2) {
      const slope = this.#slopes[m] ?? 0;
      const offset = this.#offsets[m] ?? 0;
      if (slope === 0 && offset === 0) continue;
      const { leastMultiplier: least, greatestMultiplier: greatest } = this.#measures[m] as Measure;
      const low = slope * (boxes[box] ?? 0) + offset;
      const high = slope * (boxes[box + 1] ?? 0) + offset;
      most += Math.max(least * low, least * high, greatest * low, greatest * high);
    }
    return most;
  }
}

function inverse(range: number): number {
  return range === 0 ? 0 : 1 / range;
}

function powerOfTwo(atLeast: number): number {
  let power = 1;
  while (power < atLeast) power *= 2;
  return power;
}

/** Orders the slots `low` to `high` so that none before `middle` has a greater key than any from there on. */
function partition(slots: Int32Array, keys: Float64Array, low: number, high: number, middle: number): void {
  let [from, to] = [low, high];
  while (from < to) {
    const pivot = keys[slots[(from + to) >>> 1] ?? 0] ?? 0;
    let [i, j] = [from, to];
    while (i <= j) {
      while ((keys[slots[i] ?? 0] ?? 0) < pivot) i += 1;
      while ((keys[slots[j] ?? 0] ?? 0) > pivot) j -= 1;
      if (i > j) break;
      const host = slots[i] ?? 0;
      slots[i++] = slots[j] ?? 0;
      slots[j--] = host;
    }
    if (middle <= j) to = j;
    else if (middle >= i) from = i;
    else return;
  }
}
