import type { Instance } from '#api/instance.ts';
import { groupKeyOf } from '#core/groups/group-key.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';
import type { Missing } from '#core/lifecycle/situation.ts';
import type { ProfileChoice } from '#ports/profiles.ts';
import type { Caches } from '../caches.ts';

export type MissingForPlacement = Missing & { kind: 'ServerGroup' | 'Instance' | 'SchedulerProfile' };

/**
 * The first reference that leads nowhere yet. What only a placement asks for is not looked at once there is one: a group
 * that is deleted leaves its members running.
 */
export function missingReference(
  instance: Instance,
  caches: Caches,
  flavor: BuiltFlavor | undefined,
  { claimNode, choice }: { claimNode: string | undefined; choice: ProfileChoice },
): Missing | undefined {
  const { spec, metadata } = instance;
  if (!flavor) return { kind: 'Flavor', name: spec.flavorRef.name, field: 'spec.flavorRef' };
  const keyPair = spec.keyPairRef?.name;
  if (keyPair !== undefined && !caches.keyPairs.get(`${metadata.namespace}/${keyPair}`))
    return { kind: 'KeyPair', name: keyPair, field: 'spec.keyPairRef' };
  return claimNode === undefined ? missingForPlacement(instance, caches, choice) : undefined;
}

/** What only the choice of a node asks for. */
export function missingForPlacement(
  instance: Instance,
  caches: Caches,
  choice: ProfileChoice,
): MissingForPlacement | undefined {
  const { serverGroupRef, schedulerHints } = instance.spec;
  if (serverGroupRef && !caches.serverGroups.get(groupKeyOf(instance) ?? ''))
    return { kind: 'ServerGroup', name: serverGroupRef.name, field: 'spec.serverGroupRef' };
  const isMissing = (name: string) => !caches.instances.get(`${instance.metadata.namespace}/${name}`);
  for (const hint of ['sameHost', 'differentHost'] as const) {
    const name = schedulerHints?.[hint]?.find(isMissing);
    if (name !== undefined) return { kind: 'Instance', name, field: `spec.schedulerHints.${hint}` };
  }
  return choice.kind === 'missing' ? (choice.missing as MissingForPlacement) : undefined;
}
