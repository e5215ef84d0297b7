import type { Pod } from '#adapters/kubernetes/types.ts';
import type { VirtualMachineInstanceMigration } from '#adapters/kubevirt/types.ts';
import type { Instance } from '#api/instance.ts';
import { resourcesOf } from '#core/lifecycle/guest-size.ts';
import { explain } from '#core/scheduling/explain.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import type { Logger } from '#runtime/logger.ts';
import { keyOf } from '#runtime/resource.ts';
import { flavorOf } from '../flavor-of.ts';
import { claimFor } from '../instance/place.ts';
import { cancelMigration, type PlacementDependencies } from './reconciler.ts';

/** The node for the target of a migration: the claim that it has, or one made now; undefined: it is cancelled. */
export async function placeMigration(
  deps: PlacementDependencies,
  instance: Instance,
  migration: VirtualMachineInstanceMigration,
  { pod, log }: { pod: Pod; log: Logger },
): Promise<string | undefined> {
  const { uid, name, namespace = '' } = migration.metadata;
  const claims = deps.ledgers.ofInstance(instance.metadata.uid);
  const made = claims.find(({ claim }) => claim.uid === uid);
  if (made) return made.nodeName;
  const flavor = flavorOf(instance, deps.caches);
  if (!flavor) return undefined;
  const resources = held(claims) ?? resourcesOf(flavor, instance.spec, 1);
  const source = deps.caches.vmis.get(keyOf(instance))?.status?.nodeName;
  const owner = { uid, ownerKind: 'VirtualMachineInstanceMigration', namespace, name } as const;
  const requestId = `req-${uid}`;
  const ignoreHosts = [...new Set([...claims.map(({ nodeName }) => nodeName), ...(source ? [source] : [])])];
  const ownHost = source === undefined ? {} : { ownHost: source };
  const choice = deps.profiles.of(instance);
  const profile = choice.kind === 'chosen' ? choice.profile : deps.profiles.fallback;
  const decision = await deps.scheduler.place({
    profile,
    request: {
      ...deps.requests(instance, flavor, { ownerUid: uid, resources, ties: { ignoreHosts, ...ownHost } }),
      ...constraintsOf(pod),
    },
    claim: claimFor(owner, instance, resources, requestId),
  });
  log.info({ requestId, migration: name }, explain(decision, 'operator'));
  if (decision.kind === 'placed') return decision.host;
  await cancelMigration(deps, instance, migration, explain(decision, 'owner'));
  return undefined;
}

/** What kube-scheduler will ask of the target's pod: KubeVirt has it select on the guest's CPU model. */
function constraintsOf({
  spec: { tolerations, nodeSelector },
}: Pod): Pick<RequestSpec, 'tolerations' | 'nodeSelector'> {
  return { ...(tolerations && { tolerations }), ...(nodeSelector && { nodeSelector }) };
}

/** A move asks for what the Instance holds already. */
function held(claims: ReturnType<PlacementDependencies['ledgers']['ofInstance']>) {
  const own = claims.find(({ claim }) => claim.ownerKind === 'Instance')?.claim;
  return (
    own && { vcpus: own.vcpus, memoryMiB: own.memoryMiB, overheadMiB: own.overheadMiB, diskGiB: own.diskGiB }
  );
}
