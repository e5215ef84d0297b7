import { pick, seededRandom } from './random.ts';
import { WRITE_KINDS, type WriteKind } from './write-kinds.ts';

/** What befalls a write: the operator dies before or after it, or it is refused, or cut off before or after it. */
export const BLOWS = ['dieBefore', 'dieAfter', 409, 429, 500, 'cutBefore', 'cutAfter'] as const;
export type Blow = (typeof BLOWS)[number];

/** What a seed does to the life of a few Instances. */
export interface SeedPlan {
  seed: number;
  /** The write that is struck: the nth of its kind. */
  strike: { kind: WriteKind; blow: Blow; nth: number };
  /** Kinds whose watch events come late, in milliseconds. */
  heldBack: ReadonlyMap<string, number>;
  /** One of so many other writes meets a small mishap. */
  mishaps: number;
}

const HELD_BACK = ['pods', 'virtualmachineinstances', 'nodeledgers', 'instances', 'virtualmachines'] as const;

/** Writes that a seed's life makes once. */
const ONCE: readonly WriteKind[] = [
  'createDisk',
  'migrationClaim',
  'handOver',
  'halt',
  'start',
  'deleteDisk',
];

/** Follows from the seed alone. Seeds that follow one another go through every kind of write and every blow. */
export function planOf(seed: number): SeedPlan {
  const random = seededRandom(seed);
  const kind = WRITE_KINDS[seed % WRITE_KINDS.length] ?? 'claim';
  const blow = BLOWS[(seed + Math.floor(seed / WRITE_KINDS.length)) % BLOWS.length] ?? 'dieBefore';
  const nth = ONCE.includes(kind) ? 1 : 1 + Math.floor(random() * 2);
  const late = random() < 0.5 ? [pick(random, HELD_BACK)] : [];
  return {
    seed,
    strike: { kind, blow, nth },
    heldBack: new Map(late.map((resource) => [resource, 50 + Math.floor(random() * 450)])),
    mishaps: random() < 0.5 ? 20 : Number.POSITIVE_INFINITY,
  };
}

export function inWords({ seed, strike, heldBack, mishaps }: SeedPlan): string {
  const late = [...heldBack].map(([resource, ms]) => `, ${resource} ${ms} ms late`).join('');
  const others = Number.isFinite(mishaps) ? `, one in ${mishaps} other writes mishaps` : '';
  return `seed ${seed}: ${strike.blow} at ${strike.kind} no. ${strike.nth}${late}${others}`;
}
