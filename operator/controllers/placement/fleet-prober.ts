import { capacityOf, roomByHost } from '#core/scheduling/capacity.ts';
import { decide } from '#core/scheduling/decide.ts';
import { judgeHosts, judgeStay } from '#core/scheduling/host-verdict.ts';
import type { Profile } from '#core/scheduling/profile.ts';
import type { Prober } from '#ports/prober.ts';
import type { Profiles } from '#ports/profiles.ts';
import type { FleetKeeper } from './fleet-keeper.ts';

/** Answers from the scheduler's own snapshot, by the filters and weighers of a profile: that of who chooses none. */
export function fleetProber(keeper: Pick<FleetKeeper, 'fleet'>, profiles: Profiles): Prober {
  return proberBy(keeper, profiles, () => profiles.fallback);
}

function proberBy({ fleet }: Pick<FleetKeeper, 'fleet'>, profiles: Profiles, profile: () => Profile): Prober {
  return {
    get version() {
      return fleet.generation + profiles.version;
    },
    under: (other) => proberBy({ fleet }, profiles, () => other),
    decide: (request, explainedHosts) => decide(fleet, request, { ...profile(), explainedHosts }),
    judge: (request, nodeNames) => judgeHosts(fleet, request, profile(), nodeNames),
    judgeStay: (request, at) => judgeStay(fleet, request, profile(), at),
    capacity: (request) => capacityOf(fleet, request, profile()),
    roomByHost: (request) => roomByHost(fleet, request, profile()),
  };
}
