import { pick, seededRandom } from '../faults/random.ts';
import {
  EXPECTED_AT_CREATION,
  type Expected,
  fits,
  type MixOperation,
  OPERATIONS_OF_MIX,
} from './expected.ts';

/** How long, and of how many Instances; all that a run does follows from these. */
export interface MixOptions {
  seed: number;
  instances: number;
  /** How long something new is begun; what is under way then may end. */
  minutes: number;
  /** Operations asked for in a second, of all Instances together. */
  rate: number;
}

/** What goes wrong. Those of a guest are of the one that the next step is about. */
export const MISHAPS = [
  'refuse-pod',
  'slow-start',
  'deaf',
  'subresource-fail',
  'migration-fail',
  'migration-stall',
  'migration-slow',
  'migration-ignore-cancel',
  'crash',
  'power-off',
  'kill-operator',
  'lose-node',
] as const;
export type MixMishap = (typeof MISHAPS)[number];

export interface MixStep {
  index: number;
  /** When it is due, in milliseconds since the start. */
  atMs: number;
  /** Number of the Instance. */
  instance: number;
  /** Chance for what the step leaves open, in [0, 1). */
  chance: number;
  does: { operation: MixOperation; cancel?: boolean } | { mishap: MixMishap };
}

/** One step in so many is a mishap, or asks for what the Instance is not in the state for. */
const MISHAP_EVERY = 5;
const WILD_EVERY = 8;
/** Those that strike all are rarer: at most one in so many milliseconds. */
const RARE: Partial<Record<MixMishap, number>> = { 'kill-operator': 20_000, 'lose-node': 60_000 };

/**
 * The steps of a run, which follow from the seed alone. Most ask for what fits the state that the Instance would be in if
 * everything had gone well; whether it is in that state nobody looks.
 */
export function planOf({ seed, instances, minutes, rate }: MixOptions): MixStep[] {
  const random = seededRandom(seed);
  const expected: Expected[] = Array.from({ length: instances }, (_, it) => EXPECTED_AT_CREATION(it));
  const last = new Map<MixMishap, number>();
  const steps: MixStep[] = [];
  const endMs = minutes * 60_000;
  for (let atMs = 0; atMs < endMs; atMs += (2 * random() * 1000) / rate) {
    const instance = Math.floor(random() * instances);
    const state = expected[instance];
    if (!state) continue;
    const mishap = random() * MISHAP_EVERY < 1 ? mishapAt(random, atMs, last) : undefined;
    const step = { index: steps.length, atMs: Math.round(atMs), instance, chance: random() };
    if (mishap) {
      steps.push({ ...step, does: { mishap } });
      continue;
    }
    const fitting = OPERATIONS_OF_MIX.filter((it) => fits(it, state));
    const isWild = random() * WILD_EVERY < 1;
    const operation = pick(random, isWild || fitting.length === 0 ? OPERATIONS_OF_MIX : fitting);
    const cancel = ['LiveMigrate', 'ColdMigrate'].includes(operation) && random() < 0.2;
    if (fits(operation, state) && !cancel) state.after(operation);
    steps.push({ ...step, does: { operation, ...(cancel && { cancel }) } });
  }
  return steps;
}

function mishapAt(random: () => number, atMs: number, last: Map<MixMishap, number>): MixMishap | undefined {
  const mishap = pick(random, MISHAPS);
  const pause = RARE[mishap];
  if (pause === undefined) return mishap;
  if (atMs - (last.get(mishap) ?? -pause / 2) < pause) return undefined;
  last.set(mishap, atMs);
  return mishap;
}
