import type { ClusterPlacementProbe } from '#api/clusterplacementprobe.ts';
import type { Flavor } from '#api/flavor.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import type { PlacementProbe } from '#api/placementprobe.ts';
import { homeOf } from '#core/claims/settle.ts';
import { imageFrom, ownImage } from '#core/images/built-image.ts';
import type { Requests } from '#core/placement/request.ts';
import {
  type Held,
  type MoveQuestion,
  moveQuestion,
  type PlaceQuestion,
  placeQuestion,
  type Unanswerable,
} from '#core/probe/question.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Profiles } from '#ports/profiles.ts';
import { apiVersionOf, keyOf } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import { referredImage } from '../images.ts';
import { loosestRatios } from '../instance/loosest-ratios.ts';
import { type MissingForPlacement, missingForPlacement } from '../instance/references.ts';
import { groupNodeOf } from '../placement/claim-node.ts';

export type AnyProbe = PlacementProbe | ClusterPlacementProbe;

export interface ProbeSources {
  caches: Caches;
  ledgers: Ledgers;
  requests: Requests;
  flavors: Flavors;
  profiles: Profiles;
}

/** How many more of each Flavor fit. */
export interface FlavorsQuestion {
  readonly kind: 'flavors';
  readonly flavors: readonly Flavor[];
}

export type Question = PlaceQuestion | MoveQuestion | FlavorsQuestion | Unanswerable;

/** What a probe asks, with all that it refers to looked up in the caches. */
export function observe(probe: AnyProbe, sources: ProbeSources): Question {
  const { instance, instanceRef, flavors } = probe.spec;
  const namespace = probe.metadata.namespace ?? ('namespace' in probe.spec ? probe.spec.namespace : '') ?? '';
  if (instance) return aboutNew(draft(probe, namespace, instance), sources);
  if (instanceRef) return aboutInstance(`${namespace}/${instanceRef.name}`, sources);
  return aboutFlavors(flavors?.names, sources.caches);
}

/** The Instance that is not created, under the probe's own name and uid. */
function draft({ metadata }: AnyProbe, namespace: string, spec: InstanceSpec): Instance {
  return { apiVersion: apiVersionOf(INSTANCE), kind: 'Instance', metadata: { ...metadata, namespace }, spec };
}

function aboutNew(instance: Instance, { caches, requests, profiles, flavors }: ProbeSources): Question {
  const flavor = flavors.of(instance);
  if (!flavor) return flavorNotFound(instance.spec.flavorRef.name);
  const choice = profiles.of(instance);
  const missing = missingForPlacement(instance, caches, choice);
  if (missing) return notFound(missing);
  if (choice.kind === 'missing') return notFound(choice.missing as MissingForPlacement);
  const { memory } = loosestRatios(caches.computeNodes.list());
  const referred = referredImage(caches, instance);
  if (instance.spec.imageRef && !referred) return imageNotFound(instance.spec.imageRef.name);
  const image = referred ? imageFrom(referred) : ownImage(instance);
  return placeQuestion({ requests, profile: choice.profile }, instance, flavor, memory, image);
}

function aboutInstance(
  key: string,
  { caches, ledgers, requests, profiles, flavors }: ProbeSources,
): Question {
  const instance = caches.instances.get(key);
  if (!instance) return unanswerable('InstanceNotFound', `there is no Instance ${key}: see instanceRef.name`);
  const flavor = flavors.of(instance);
  if (!flavor) return flavorNotFound(instance.spec.flavorRef.name);
  const choice = profiles.of(instance);
  if (choice.kind === 'missing') return notFound(choice.missing as MissingForPlacement);
  const asking = { requests, profile: choice.profile };
  const held = heldBy(instance, caches, ledgers);
  if (held) return moveQuestion(asking, instance, flavor, held);
  return placeQuestion(asking, instance, flavor, loosestRatios(caches.computeNodes.list()).memory);
}

/** The claim of the Instance itself that counts, and every node that something is held on for it. */
function heldBy(instance: Instance, caches: Caches, ledgers: Ledgers): Held | undefined {
  const guestNode = caches.vmis.get(keyOf(instance))?.status?.nodeName;
  const all = ledgers.ofInstance(instance.metadata.uid);
  const own = all.filter(({ claim }) => claim.ownerKind === 'Instance');
  const claimedNodes = own.map(({ nodeName }) => nodeName);
  const groupNode = groupNodeOf(caches, instance, claimedNodes);
  const home = homeOf({ guestNode, groupNode, recordedNode: instance.status?.nodeName, claimedNodes });
  const found = own.find(({ nodeName }) => nodeName === home);
  const nodeNames = [...all.map(({ nodeName }) => nodeName), ...(guestNode === undefined ? [] : [guestNode])];
  return found && { ...found, nodeNames: [...new Set(nodeNames)] };
}

function aboutFlavors(names: readonly string[] | undefined, caches: Caches): Question {
  const missing = names?.find((name) => caches.flavors.get(name) === undefined);
  if (missing !== undefined) return flavorNotFound(missing);
  const flavors = names ? names.flatMap((name) => caches.flavors.get(name) ?? []) : caches.flavors.list();
  const byName = (a: Flavor, b: Flavor) => (a.metadata.name < b.metadata.name ? -1 : 1);
  return { kind: 'flavors', flavors: [...new Set(flavors)].sort(byName) };
}

const flavorNotFound = (name: string) =>
  unanswerable('FlavorNotFound', `there is no Flavor ${name}: create it, or name another in a new probe`);

const imageNotFound = (name: string) =>
  unanswerable(
    'ImageNotFound',
    `spec.imageRef: there is no Image ${name}: create it, or name another in a new probe`,
  );

const notFound = ({ kind, name, field, problem }: MissingForPlacement) =>
  kind === 'SchedulerProfile' && problem !== undefined
    ? unanswerable('SchedulerProfileNotUsable', `${field}: ${kind} ${name} ${problem}`)
    : unanswerable(
        `${kind}NotFound`,
        `${field}: there is no ${kind} ${name}: create it, or name another in a new probe`,
      );

const unanswerable = (reason: Unanswerable['reason'], message: string): Unanswerable => ({
  kind: 'unanswerable',
  reason,
  message,
});
