import type { Profile } from './profile.ts';

/**
 * Which of the best hosts is taken, by place, best first. The first, unless the profile leaves it to the draw: among
 * Nova's host_subset_size best, or among all that share the best weight. With both, Nova shuffles those of the best
 * weight and draws from the subset: every host of the larger set has the same chance.
 */
export function chooseAmong(profile: Profile, hostsLeft: number, tiedBest: number, draw: number): number {
  const shuffled = profile.shuffleBestSameWeighedHosts ? tiedBest : 1;
  const candidates = Math.min(hostsLeft, Math.max(1, profile.hostSubsetSize, shuffled));
  return Math.min(candidates - 1, Math.floor(draw * candidates));
}

/** How many of the best must be known to choose one, explain it and name its alternates. */
export function neededBest(profile: Profile, hostsLeft: number): number {
  const all = profile.shuffleBestSameWeighedHosts ? hostsLeft : 0;
  return Math.max(profile.explainedHosts, profile.alternates + 1, profile.hostSubsetSize, all, 1);
}
