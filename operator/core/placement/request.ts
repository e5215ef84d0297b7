import type { Instance } from '#api/instance.ts';
import type { BuiltFlavor } from '../lifecycle/guest-size.ts';
import type { RequestSpec, Ties } from '../scheduling/request-spec.ts';
import type { ClaimResources } from '../scheduling/resources.ts';

/** What a placement asks for beside what the Instance says: a first boot and each kind of move differ in nothing else. */
export interface Asked {
  /** uid of who will own the claim: the Instance, or a migration of it. */
  readonly ownerUid: string;
  readonly resources: ClaimResources;
  /** The hosts that this placement has to have or must not have. */
  readonly ties?: Ties;
}

/** What the scheduler is asked, for any placement of an Instance: Nova's RequestSpec. */
export function requestSpecOf(
  { metadata: { namespace }, spec }: Instance,
  flavor: BuiltFlavor,
  { ownerUid, resources, ties = {} }: Asked,
): RequestSpec {
  return {
    ownerUid,
    resources,
    ...(spec.availabilityZone !== undefined && { availabilityZone: spec.availabilityZone }),
    ...(namespace !== undefined && { namespace }),
    flavor: { name: flavor.name, extraSpecs: flavor.extraSpecs ?? {} },
    ...tied(ties),
  };
}

/** Without empty lists, so that requests that are tied to nothing are alike. An empty list of wanted hosts leaves none. */
function tied({ failedHosts, ignoreHosts, ...ties }: Ties): Pick<RequestSpec, 'ties'> {
  const all: Ties = {
    ...ties,
    ...(failedHosts?.length && { failedHosts }),
    ...(ignoreHosts?.length && { ignoreHosts }),
  };
  return Object.keys(all).length > 0 ? { ties: all } : {};
}
