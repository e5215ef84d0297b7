import type { Instance } from '#api/instance.ts';
import { groupKeyOf } from '#core/groups/group-key.ts';
import { type Requests, requestSpecOf } from '#core/placement/request.ts';
import type { Caches } from '../caches.ts';
import { builtImageOf } from '../images.ts';
import { volumesOf } from './volumes.ts';

type RequestCaches = Pick<
  Caches,
  'instances' | 'images' | 'serverGroups' | 'ledgers' | 'volumes' | 'volumeClaims' | 'storageClasses'
>;

/** Requests that follow an Instance's group, hints and volumes to what is there now: for every placement, of whatever kind. */
export function requestsFrom(caches: RequestCaches, defaultZone: string | undefined): Requests {
  return (instance, flavor, asked) =>
    requestSpecOf(instance, flavor, asked, {
      defaultZone,
      group: caches.serverGroups.get(groupKeyOf(instance) ?? '')?.spec,
      sameHosts: hostsOf(caches, instance, instance.spec.schedulerHints?.sameHost),
      differentHosts: hostsOf(caches, instance, instance.spec.schedulerHints?.differentHost),
      image: builtImageOf(caches, instance),
      volumes: volumesOf(caches, instance),
    });
}

/**
 * The nodes that the named Instances have a place on. A hint whose Instances are all gone asks for nothing any more: it
 * must not keep an Instance from ever moving.
 */
function hostsOf(
  { instances, ledgers }: Pick<Caches, 'instances' | 'ledgers'>,
  { metadata: { namespace } }: Instance,
  names: readonly string[] | undefined,
): string[] | undefined {
  const named = (names ?? []).map((name) => instances.get(`${namespace}/${name}`));
  const there = named.filter((instance) => instance !== undefined);
  if (there.length === 0) return undefined;
  const nodes = there.flatMap(({ metadata }) =>
    ledgers.byIndex('instance', metadata.uid).map((ledger) => ledger.metadata.name),
  );
  return [...new Set(nodes)].sort();
}
