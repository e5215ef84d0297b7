import type { Instance } from '#api/instance.ts';
import type { BuiltImage } from '#core/images/built-image.ts';
import type { Requests } from '#core/placement/request.ts';
import { resourcesIn } from '#core/scheduling/resources.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Prober } from '#ports/prober.ts';
import type { Profiles } from '#ports/profiles.ts';
import type { Flavors } from '../flavors.ts';

/** Why an Instance cannot stay where it is with another image; undefined: it can. */
export type RebuildJudge = (instance: Instance, image: BuiltImage) => string | undefined;

/** Those that Nova asks when a server is rebuilt from another image: all that look at images. */
const REBUILD_FILTERS = [
  'ImagePropertiesFilter',
  'AggregateImagePropertiesIsolation',
  'IsolatedHostsFilter',
] as const;

/** By the filters of the Instance's profile, as if its own claim were not there. */
export function rebuildJudge({
  ledgers,
  prober,
  requests,
  flavors,
  profiles,
}: {
  ledgers: Ledgers;
  prober: Prober;
  requests: Requests;
  flavors: Flavors;
  profiles: Profiles;
}): RebuildJudge {
  return (instance, image) => {
    const { metadata, status } = instance;
    const choice = profiles.of(instance);
    const flavor = flavors.of(instance);
    const host = status?.nodeName;
    const claim = ledgers
      .ofInstance(metadata.uid)
      .find(({ nodeName, claim: { ownerKind } }) => nodeName === host && ownerKind === 'Instance')?.claim;
    if (host === undefined || !claim || !flavor || choice.kind === 'missing') return undefined;
    const held = resourcesIn(claim);
    const rebuilt = { ...instance, status: { ...status, image } };
    const request = requests(rebuilt, flavor, { ownerUid: metadata.uid, resources: held });
    const verdict = prober.under(choice.profile).judgeStay(request, { host, held });
    const refusal = verdict?.filters.find(
      ({ filter, reason }) => reason !== undefined && (REBUILD_FILTERS as readonly string[]).includes(filter),
    );
    return refusal && `${host} does not take it: ${refusal.filter}: ${refusal.detail ?? refusal.reason}`;
  };
}
