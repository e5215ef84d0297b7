/** One weigher's normalised scale over the hosts left. */
export interface Scale {
  readonly min: number;
  /** 0 when all are equal: every host is then 0, as in Nova. */
  readonly range: number;
}

/** Nova's normalize(): from minval (else the least raw) to maxval (else the greatest). */
export function scaleOf(
  raws: Float64Array,
  hosts: Int32Array,
  minval: number | undefined,
  maxval: number | undefined,
): Scale {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < hosts.length; i += 1) {
    const raw = raws[hosts[i] ?? 0] ?? 0;
    if (raw < least) least = raw;
    if (raw > greatest) greatest = raw;
  }
  const min = minval ?? least;
  return { min, range: (maxval ?? greatest) - min };
}

export function normalise(raw: number, { min, range }: Scale): number {
  return range === 0 ? 0 : (raw - min) / range;
}
