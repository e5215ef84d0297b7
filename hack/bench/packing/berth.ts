import { decideMany } from '#core/scheduling/decide.ts';
import { Fleet } from '#core/scheduling/fleet.ts';
import type { HostState } from '#core/scheduling/host-state.ts';
import { Plans } from '#core/scheduling/plans.ts';
import { DEFAULT_PROFILE, type Profile } from '#core/scheduling/profile.ts';
import type { Packer } from './packer.ts';

export const SPREADING: Profile = { ...DEFAULT_PROFILE, explainedHosts: 0 };

const STACKED = ['RAMWeigher', 'CPUWeigher', 'DiskWeigher'];

/** Nova's way to stack: the multipliers of what is free are negative. */
export const STACKING: Profile = {
  ...SPREADING,
  name: 'stacking',
  weighers: SPREADING.weighers.map((it) =>
    STACKED.includes(it.weigher.name) ? { ...it, multiplier: -1 } : it,
  ),
};

/** Berth's own scheduler. An Instance is built before the next one comes, so that it holds no I/O operation. */
export function berthPacker(hosts: readonly HostState[], profile: Profile): Packer {
  const fleet = new Fleet();
  for (const host of hosts) fleet.upsertHost(host);
  const plans = new Plans(fleet, profile);
  const settle = (name: string) => {
    const state = fleet.stateOf(name);
    if (state) fleet.upsertHost({ ...state, numIoOps: 0 });
  };
  return {
    place(flavor) {
      const [decision] = decideMany(fleet, [{ resources: flavor }], profile, plans);
      if (decision?.kind !== 'placed') return undefined;
      settle(decision.host);
      return hosts.findIndex(({ name }) => name === decision.host);
    },
    release(host, flavor) {
      const name = hosts[host]?.name ?? '';
      fleet.release(fleet.indexOf(name) ?? -1, flavor);
      settle(name);
    },
  };
}
