import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import type { BuiltImage } from '../images/built-image.ts';
import { imageMismatch } from '../images/fit.ts';
import { type BuiltFlavor, mismatch, resourcesOf } from '../lifecycle/guest-size.ts';
import { creationTies, type Requests } from '../placement/request.ts';
import type { Profile } from '../scheduling/profile.ts';
import type { RequestSpec } from '../scheduling/request-spec.ts';
import { type ClaimResources, resourcesIn } from '../scheduling/resources.ts';

/** Where would it go: a new Instance, or one that has no node. */
export interface PlaceQuestion {
  readonly kind: 'place';
  /** How it would be chosen. */
  readonly profile: Profile;
  readonly request: RequestSpec;
}

/** Where else could it go, and could it stay: an Instance that holds a place. */
export interface MoveQuestion {
  readonly kind: 'move';
  readonly profile: Profile;
  readonly request: RequestSpec;
  readonly current: {
    readonly nodeName: string;
    readonly held: ClaimResources;
    readonly request: RequestSpec;
  };
}

/** What a probe cannot be answered for, and why. */
export interface Unanswerable {
  readonly kind: 'unanswerable';
  readonly reason:
    | 'FlavorNotFound'
    | 'InstanceNotFound'
    | 'ServerGroupNotFound'
    | 'SchedulerProfileNotFound'
    | 'SchedulerProfileNotUsable'
    | 'ImageNotFound'
    | 'InvalidSpec';
  readonly message: string;
}

/** How requests are made, and how they would be decided. */
export interface Asking {
  readonly requests: Requests;
  readonly profile: Profile;
}

/** A first boot, as it would be asked for now. `memoryRatio` is the loosest of the fleet. */
export function placeQuestion(
  { requests, profile }: Asking,
  instance: Instance,
  flavor: BuiltFlavor,
  memoryRatio: number,
  image?: BuiltImage,
): PlaceQuestion | Unanswerable {
  const unfit = image && imageMismatch(image, flavor, instance.spec);
  const invalid = mismatch(flavor, instance.spec) ?? (unfit && `${unfit.field}: ${unfit.message}`);
  if (invalid !== undefined) return { kind: 'unanswerable', reason: 'InvalidSpec', message: invalid };
  const resources = resourcesOf(flavor, instance.spec, memoryRatio);
  return {
    kind: 'place',
    profile,
    request: requests(instance, flavor, {
      ownerUid: instance.metadata.uid,
      resources,
      ties: creationTies(instance),
    }),
  };
}

/** What an Instance holds: its own claim and node, and all nodes that something is held on for it. */
export interface Held {
  readonly nodeName: string;
  readonly claim: Claim;
  readonly nodeNames: readonly string[];
}

/** A move asks another host for all that the Instance holds. Staying is another question: its own claim is not in its way. */
export function moveQuestion(
  { requests, profile }: Asking,
  instance: Instance,
  flavor: BuiltFlavor,
  { nodeName, claim, nodeNames }: Held,
): MoveQuestion {
  const held = resourcesIn(claim);
  const asked = { ownerUid: instance.metadata.uid, resources: held };
  const ties = { ignoreHosts: nodeNames, ownHost: nodeName };
  return {
    kind: 'move',
    profile,
    request: requests(instance, flavor, { ...asked, ties }),
    current: { nodeName, held, request: requests(instance, flavor, asked) },
  };
}
