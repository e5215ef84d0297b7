import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import { type BuiltFlavor, mismatch, resourcesOf } from '../lifecycle/guest-size.ts';
import type { Requests } from '../placement/request.ts';
import type { RequestSpec } from '../scheduling/request-spec.ts';
import { type ClaimResources, NO_RESOURCES } from '../scheduling/resources.ts';

/** Where would it go: a new Instance, or one that has no node. */
export interface PlaceQuestion {
  readonly kind: 'place';
  readonly request: RequestSpec;
}

/** Where else could it go, and could it stay: an Instance that holds a place. */
export interface MoveQuestion {
  readonly kind: 'move';
  readonly request: RequestSpec;
  readonly current: { readonly nodeName: string; readonly request: RequestSpec };
}

/** What a probe cannot be answered for, and why. */
export interface Unanswerable {
  readonly kind: 'unanswerable';
  readonly reason: 'FlavorNotFound' | 'InstanceNotFound' | 'ServerGroupNotFound' | 'InvalidSpec';
  readonly message: string;
}

/** A first boot, as it would be asked for. `memoryRatio` is the loosest of the fleet. */
export function placeQuestion(
  requests: Requests,
  instance: Instance,
  flavor: BuiltFlavor,
  memoryRatio: number,
): PlaceQuestion | Unanswerable {
  const invalid = mismatch(flavor, instance.spec);
  if (invalid !== undefined) return { kind: 'unanswerable', reason: 'InvalidSpec', message: invalid };
  const resources = resourcesOf(flavor, instance.spec, memoryRatio);
  return {
    kind: 'place',
    request: requests(instance, flavor, { ownerUid: instance.metadata.uid, resources }),
  };
}

/**
 * A move asks another host for all that the Instance holds, and leaves its own out. Staying asks for nothing more than is
 * held: the own claim is not in the way, and a host that is over-committed by now is no reason to go.
 */
export function moveQuestion(
  requests: Requests,
  instance: Instance,
  flavor: BuiltFlavor,
  held: { nodeName: string; claim: Claim },
): MoveQuestion {
  const { nodeName, claim } = held;
  const ownerUid = instance.metadata.uid;
  const ask = (resources: ClaimResources, ties: RequestSpec['ties']) =>
    requests(instance, flavor, { ownerUid, resources, ties });
  const { vcpus, memoryMiB, overheadMiB, diskGiB } = claim;
  return {
    kind: 'move',
    request: ask({ vcpus, memoryMiB, overheadMiB, diskGiB }, { ignoreHosts: [nodeName], ownHost: nodeName }),
    current: { nodeName, request: ask(NO_RESOURCES, { ownHost: nodeName }) },
  };
}
