import type { Instance } from '#api/instance.ts';
import { resourcesOf } from '#core/lifecycle/guest-size.ts';
import type { NoValidHost, Placed } from '#core/scheduling/decision.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import { resourcesIn } from '#core/scheduling/resources.ts';
import { keyOf } from '#runtime/resource.ts';
import type { InstanceDependencies } from '../instance/dependencies.ts';
import { type ClaimOwner, claimFor } from '../instance/place.ts';
import { volumesOf } from './volumes.ts';

export type MoveDependencies = Pick<
  InstanceDependencies,
  'caches' | 'ledgers' | 'scheduler' | 'requests' | 'profiles' | 'flavors'
>;

/** A live move: who will hold the claim, and what is asked beside what the Instance asks for. */
export interface Move {
  owner: ClaimOwner;
  requestId: string;
  /** Node that was asked for; absent: any. */
  targetNode?: string | undefined;
  /** Nodes that refused the guest before. */
  failedHosts?: readonly string[];
  /** Disks that are copied along, by name: where they are now ties the guest to no node. */
  copied?: readonly string[];
  /** What kube-scheduler will ask of the target's pod. */
  constraints: Pick<RequestSpec, 'tolerations' | 'nodeSelector'>;
}

/** Finds and claims a place for a guest that moves while it runs, on any node but those that it holds a place on. */
export async function claimForMove(
  { caches, ledgers, scheduler, requests, profiles, flavors }: MoveDependencies,
  instance: Instance,
  { owner, requestId, targetNode, failedHosts = [], copied = [], constraints }: Move,
): Promise<Placed | NoValidHost | undefined> {
  const claims = ledgers.ofInstance(instance.metadata.uid);
  const flavor = flavors.of(instance);
  if (!flavor) return undefined;
  const resources = held(claims) ?? resourcesOf(flavor, instance.spec, 1);
  const source = caches.vmis.get(keyOf(instance))?.status?.nodeName;
  const ignoreHosts = [...new Set([...claims.map(({ nodeName }) => nodeName), ...(source ? [source] : [])])];
  const ties = {
    ignoreHosts,
    failedHosts,
    ...(source !== undefined && { ownHost: source }),
    ...(targetNode !== undefined && { onlyHosts: [targetNode] }),
  };
  const choice = profiles.of(instance);
  return scheduler.place({
    profile: choice.kind === 'chosen' ? choice.profile : profiles.fallback,
    request: {
      ...requests(instance, flavor, { ownerUid: owner.uid, resources, ties }),
      ...constraints,
      ...(copied.length > 0 && { volumes: volumesOf(caches, instance, { copied }) }),
    },
    claim: claimFor(owner, instance, resources, requestId),
  });
}

/** A move asks for what the Instance holds already. */
function held(claims: ReturnType<MoveDependencies['ledgers']['ofInstance']>) {
  const own = claims.find(({ claim }) => claim.ownerKind === 'Instance')?.claim;
  return own && resourcesIn(own);
}
