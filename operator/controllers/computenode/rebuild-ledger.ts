import { isPodOver } from '#adapters/kubernetes/types.ts';
import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import { flavorsHeldOn, largestOf } from '#core/claims/held-for-move.ts';
import { resourcesOf } from '#core/lifecycle/guest-size.ts';
import { type Caches, instanceByUid, instanceUidOf } from '../caches.ts';
import { flavorOf } from '../flavor-of.ts';
import { claimFor } from '../instance/place.ts';

/**
 * The claims of a node whose ledger is missing, from what shows them: Instances recorded there, and pods there. A node
 * that is new has none.
 */
export function rebuiltClaims(caches: Caches, nodeName: string): Claim[] {
  const recorded = caches.instances
    .list()
    .filter((it) => it.status?.nodeName === nodeName || flavorsHeldOn(it, nodeName).length > 0);
  const running = caches.pods
    .byIndex('node', nodeName)
    .filter((pod) => !isPodOver(pod))
    .map((pod) => instanceByUid(caches, instanceUidOf(pod) ?? ''))
    .filter((instance) => instance !== undefined);
  const all = new Map([...recorded, ...running].map((instance) => [instance.metadata.uid, instance]));
  return [...all.values()].flatMap((instance) => claimOf(caches, instance, nodeName));
}

function claimOf(caches: Caches, instance: Instance, nodeName: string): Claim[] {
  const { uid, name, namespace = '' } = instance.metadata;
  const size = flavorOf(instance, caches);
  if (!size) return [];
  const held = flavorsHeldOn(instance, nodeName).map((it) => resourcesOf(it, instance.spec, 1));
  const requestId = instance.status?.placement?.requestId ?? `req-${uid}`;
  const resources = held.length > 0 ? held.reduce(largestOf) : resourcesOf(size, instance.spec, 1);
  return [claimFor({ uid, ownerKind: 'Instance', namespace, name }, instance, resources, requestId)];
}
