import type { Instance } from '#api/instance.ts';
import type { ServerGroupSpec } from '#api/servergroup.ts';
import { groupKeyOf } from '../groups/group-key.ts';
import type { BuiltImage } from '../images/built-image.ts';
import { imageOf } from '../images/image-of.ts';
import type { BuiltFlavor } from '../lifecycle/guest-size.ts';
import type { NodeSelector } from '../scheduling/node-selector.ts';
import type { GroupPolicy, RequestSpec, Ties } from '../scheduling/request-spec.ts';
import type { ClaimResources } from '../scheduling/resources.ts';

/** What a placement asks for beside what the Instance says: a first boot and each kind of move differ in nothing else. */
export interface Asked {
  /** uid of who will own the claim: the Instance, or a migration of it. */
  readonly ownerUid: string;
  readonly resources: ClaimResources;
  /** The hosts that this placement has to have or must not have. */
  readonly ties?: Ties;
}

/** What an Instance's references and the operator's settings come to at this moment; absent is what asks for nothing. */
export interface Surroundings {
  /** The zone of Instances that name none (Nova's default_schedule_zone). */
  readonly defaultZone?: string | undefined;
  /** Of its server group; undefined when it is in none, or in one that is gone. */
  readonly group?: ServerGroupSpec | undefined;
  /** Nodes of the Instances in schedulerHints.sameHost. */
  readonly sameHosts?: readonly string[] | undefined;
  /** Nodes of the Instances in schedulerHints.differentHost. */
  readonly differentHosts?: readonly string[] | undefined;
  /** What its root disk is made from, where it refers to an Image. */
  readonly image?: BuiltImage | undefined;
  /** Where its volumes can be reached from, where that is not everywhere. */
  readonly volumes?: readonly NodeSelector[] | undefined;
}

/** Makes requests of Instances, each with its surroundings. */
export type Requests = (instance: Instance, flavor: BuiltFlavor, asked: Asked) => RequestSpec;

/** What the scheduler is asked, for any placement of an Instance: Nova's RequestSpec. */
export function requestSpecOf(
  instance: Instance,
  flavor: BuiltFlavor,
  { ownerUid, resources, ties }: Asked,
  { defaultZone, group, sameHosts, differentHosts, image, volumes = [] }: Surroundings = {},
): RequestSpec {
  const { namespace } = instance.metadata;
  const imageSpec = imageOf(instance, image);
  const availabilityZone = instance.spec.availabilityZone ?? defaultZone;
  return {
    ownerUid,
    resources,
    ...(availabilityZone !== undefined && { availabilityZone }),
    ...(namespace !== undefined && { namespace }),
    flavor: { name: flavor.name, extraSpecs: flavor.extraSpecs ?? {} },
    ...(imageSpec && { image: imageSpec }),
    ...hinted(instance),
    ...(group && { group: policyOf(group) }),
    ...(volumes.length > 0 && { volumes }),
    ...tied({ ...ties, sameHosts, differentHosts, groupKey: groupKeyOf(instance) }),
  };
}

/** The hints that ask for a kind of node; those that name Instances are ties. */
function hinted({ spec: { schedulerHints } }: Instance): Pick<RequestSpec, 'query' | 'near'> {
  const { query, buildNearHostIp: ip, cidr } = schedulerHints ?? {};
  return {
    ...(query !== undefined && { query }),
    ...(ip !== undefined && { near: { ip, ...(cidr !== undefined && { cidr }) } }),
  };
}

/** The ties of a first placement: not on hosts where it failed, and on the node that an administrator named. */
export function creationTies({ spec: { nodeName } }: Instance, failedHosts: readonly string[] = []): Ties {
  return { failedHosts, ...(nodeName !== undefined && { onlyHosts: [nodeName] }) };
}

function policyOf({ policy, rules }: ServerGroupSpec): GroupPolicy {
  const most = rules?.maxServerPerHost;
  return { policy, ...(most !== undefined && { maxServerPerHost: most }) };
}

/** Without empty lists, so that requests that are tied to nothing are alike. An empty list of wanted hosts leaves none. */
function tied(ties: { [Tie in keyof Ties]: Ties[Tie] | undefined }): Pick<RequestSpec, 'ties'> {
  const avoided: readonly string[] = ['failedHosts', 'ignoreHosts', 'differentHosts'];
  const given = Object.entries(ties).filter(
    ([name, value]) => value !== undefined && !(avoided.includes(name) && value.length === 0),
  );
  return given.length > 0 ? { ties: Object.fromEntries(given) } : {};
}
