import type { Capacity, HostRoom } from '#core/scheduling/capacity.ts';
import type { Decision } from '#core/scheduling/decision.ts';
import type { HostVerdict } from '#core/scheduling/host-verdict.ts';
import type { Profile } from '#core/scheduling/profile.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';

/** Answers what would be decided now. It claims nothing, and writes nothing. */
export interface Prober {
  /** Another value whenever an answer may be another one. */
  readonly version: number;
  /** The same by another profile. */
  under(profile: Profile): Prober;
  /** What the scheduler would decide, with the figures of so many of the best hosts. */
  decide(request: RequestSpec, explainedHosts: number): Decision;
  /** What every filter says of these hosts, and their places among those that fit. Unknown names are left out. */
  judge(request: RequestSpec, nodeNames: readonly string[]): HostVerdict[];
  /** What every filter says of its staying where it holds its claim; undefined: no such host. */
  judgeStay(request: RequestSpec, at: { host: string; held: ClaimResources }): HostVerdict | undefined;
  /** How many more such requests fit. */
  capacity(request: RequestSpec): Capacity;
  /** The same by host, the most first. */
  roomByHost(request: RequestSpec): HostRoom[];
}
