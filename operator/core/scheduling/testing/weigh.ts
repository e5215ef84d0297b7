import { decide } from '../decide.ts';
import type { WeighedHost } from '../decision.ts';
import type { HostState } from '../host-state.ts';
import { DEFAULT_PROFILE, type ProfileWeigher } from '../profile.ts';
import { fleetOf } from './hosts.ts';
import { asking } from './judge.ts';

/** The hosts under these weighers alone, best first. */
export function weigh(weighers: readonly ProfileWeigher[], ...hosts: HostState[]): readonly WeighedHost[] {
  const profile = { ...DEFAULT_PROFILE, filters: [], weighers, explainedHosts: hosts.length };
  const decision = decide(fleetOf(hosts), asking(), profile);
  return decision.kind === 'placed' ? decision.best : [];
}

/** `name weight`, best first. */
export function weights(weighers: readonly ProfileWeigher[], ...hosts: HostState[]): string[] {
  return weigh(weighers, ...hosts).map(({ host, weight }) => `${host} ${weight}`);
}
