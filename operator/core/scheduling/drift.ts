import type { Measure } from './measure.ts';

/** Above what rounding can do to a sum of a few dozen parts, as a share of them. */
const ROUNDING = 1e-13;
/** Above the rounding of figures too small to have a share of. */
const LEAST = 1e-300;

/** A scale of before; the measure has the one of now. */
export interface Before {
  readonly measure: Measure;
  readonly min: number;
  readonly range: number;
  /** No host's figure is below or above. */
  readonly least: number;
  readonly greatest: number;
}

/**
 * By how much a host's weight can have grown since the scales were others, at most: what a weigher adds is linear in
 * the figure and in the multiplier, so that it grew most at an end of both. Infinite when nothing is known.
 */
export function mostGained(scales: readonly Before[]): number {
  let most = 0;
  for (let i = 0; i < scales.length; i += 1) most += gained(scales[i] as Before);
  return Number.isNaN(most) ? Number.POSITIVE_INFINITY : most;
}

function gained({ measure, least, greatest, min, range }: Before): number {
  const { leastMultiplier, greatestMultiplier } = measure;
  if (!measure.finite) return Number.POSITIVE_INFINITY;
  const [low, high] = [
    normalised(least, measure.min, measure.range),
    normalised(greatest, measure.min, measure.range),
  ];
  const [lowBefore, highBefore] = [normalised(least, min, range), normalised(greatest, min, range)];
  const atLow = low - lowBefore;
  const atHigh = high - highBefore;
  const gain = Math.max(
    leastMultiplier * atLow,
    leastMultiplier * atHigh,
    greatestMultiplier * atLow,
    greatestMultiplier * atHigh,
  );
  const size = Math.abs(low) + Math.abs(high) + Math.abs(lowBefore) + Math.abs(highBefore);
  return gain + Math.max(Math.abs(leastMultiplier), Math.abs(greatestMultiplier)) * size * ROUNDING + LEAST;
}

function normalised(figure: number, min: number, range: number): number {
  return range === 0 ? 0 : (figure - min) / range;
}
