import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import { type BuiltFlavor, resourcesOf } from '#core/lifecycle/guest-size.ts';
import type { Requests } from '#core/placement/request.ts';
import type { Profile } from '#core/scheduling/profile.ts';
import type { Ties } from '#core/scheduling/request-spec.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import type { PlaceRequest } from '#ports/scheduler.ts';

export type ClaimOwner = Pick<Claim, 'uid' | 'ownerKind' | 'namespace' | 'name'>;

/** The claim of an owner for an Instance's guest. */
export function claimFor(
  owner: ClaimOwner,
  instance: Instance,
  resources: ClaimResources,
  requestId: string,
): Claim {
  const serverGroup = instance.spec.serverGroupRef?.name;
  return {
    ...owner,
    instanceUid: instance.metadata.uid,
    ...resources,
    ...(serverGroup !== undefined && { serverGroup }),
    requestId,
  };
}

/** What the scheduler is asked when an Instance is created. */
export function placeRequestOf(
  { requests, profile, memoryRatio }: { requests: Requests; profile: Profile; memoryRatio: number },
  {
    instance,
    flavor,
    requestId,
    ties,
  }: { instance: Instance; flavor: BuiltFlavor; requestId: string; ties: Ties },
): PlaceRequest {
  const { name, namespace = '', uid } = instance.metadata;
  const resources = resourcesOf(flavor, instance.spec, memoryRatio);
  return {
    request: requests(instance, flavor, {
      ownerUid: uid,
      resources,
      ties,
    }),
    profile,
    claim: claimFor({ uid, ownerKind: 'Instance', namespace, name }, instance, resources, requestId),
  };
}
