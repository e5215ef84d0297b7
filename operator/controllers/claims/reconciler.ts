import { isPodOver } from '#adapters/kubernetes/types.ts';
import { isMoveOver, requestIdOfMove } from '#adapters/kubevirt/moves.ts';
import { INSTANCE, type Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import { isHeldForMove } from '#core/claims/held-for-move.ts';
import { type ClaimFacts, type Settlement, settle, takenOver } from '#core/claims/settle.ts';
import { recordedNodeOf } from '#core/lifecycle/resize-record.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { ReconcileContext, Reconciler } from '#runtime/controller.ts';
import { isNotFound } from '#runtime/errors.ts';
import { type Key, keyOf } from '#runtime/resource.ts';
import { type Caches, instanceByUid } from '../caches.ts';
import { groupNodeOf } from '../placement/claim-node.ts';

export interface ClaimsDependencies {
  client: KubeClient;
  caches: Caches;
  ledgers: Ledgers;
}

/** Goes through the claims of one node: drops what nobody holds any more, hands over what a move leaves behind. */
export function claimsReconciler(deps: ClaimsDependencies): Reconciler {
  async function reconcile(nodeName: Key, { log }: ReconcileContext) {
    const verdicts = new Map<string, Exclude<Settlement, 'keep'>>();
    for (const claim of deps.ledgers.claimsOn(nodeName) ?? []) {
      const verdict = settle(factsOf(deps, claim, nodeName));
      if (verdict === 'keep' || (verdict === 'drop' && (await isOwnerStillThere(deps, claim)))) continue;
      verdicts.set(claim.uid, verdict);
      log.info(
        { requestId: claim.requestId, owner: `${claim.namespace}/${claim.name}` },
        `claim: ${verdict}`,
      );
    }
    if (verdicts.size === 0) return undefined;
    const outcome = await deps.ledgers.write(nodeName, (claims) =>
      claims.flatMap((claim) => after(deps, claim, verdicts)),
    );
    return outcome === 'conflict' ? { requeueAfterMs: 0 } : undefined;
  }
  return { name: 'claims', reconcile };
}

function after({ caches }: ClaimsDependencies, claim: Claim, verdicts: Map<string, Settlement>): Claim[] {
  const verdict = verdicts.get(claim.uid);
  if (verdict === 'drop') return [];
  const instance = verdict === 'takeOver' ? instanceByUid(caches, claim.instanceUid) : undefined;
  return [instance ? takenOver(claim, instance.metadata.name) : claim];
}

function factsOf({ caches, ledgers }: ClaimsDependencies, claim: Claim, nodeName: string): ClaimFacts {
  const instance = instanceByUid(caches, claim.instanceUid);
  const own = ledgers.ofInstance(claim.instanceUid).filter((it) => it.claim.ownerKind === 'Instance');
  const claimedNodes = own.map((it) => it.nodeName);
  return {
    claim,
    nodeName,
    ownerActive:
      claim.ownerKind === 'Instance' ? instance !== undefined : isMoveActive(caches, claim, instance),
    instanceExists: instance !== undefined,
    guestNode: instance && guestNodeOf(caches, claim, instance),
    groupNode: instance && groupNodeOf(caches, instance, claimedNodes),
    recordedNode: instance && recordedNodeOf(instance),
    podsHere: hasPodsHere(caches, claim.instanceUid, nodeName),
    heldForMove: instance !== undefined && isHeldForMove(instance, { nodeName, requestId: claim.requestId }),
    claimedNodes,
  };
}

function guestNodeOf(caches: Caches, claim: Claim, { metadata }: Instance): string | undefined {
  return caches.vmis.get(`${claim.namespace}/${metadata.name}`)?.status?.nodeName;
}

/** What the Instance has in flight, or KubeVirt, may still come here. */
function isMoveActive(caches: Caches, { requestId, uid }: Claim, instance: Instance | undefined): boolean {
  const inFlight = instance?.status?.operation;
  if (inFlight !== undefined && inFlight.requestId === requestId) return true;
  const migrations = instance
    ? caches.migrations.byIndex('guest', keyOf(instance))
    : caches.migrations.byIndex('uid', uid);
  return migrations.some((it) => requestIdOfMove(it) === requestId && !isMoveOver(it));
}

/** A pod that is bound to no node yet may end up here. */
function hasPodsHere(caches: Caches, instanceUid: string, nodeName: string): boolean {
  const pods = caches.pods.byIndex('instance', instanceUid);
  return pods.some((pod) => !isPodOver(pod) && (pod.spec.nodeName ?? nodeName) === nodeName);
}

/** A cache that lags must not cost a living Instance its place. */
async function isOwnerStillThere({ client, caches }: ClaimsDependencies, claim: Claim): Promise<boolean> {
  if (claim.ownerKind !== 'Instance' || instanceByUid(caches, claim.uid)) return false;
  try {
    const found = await client.get<Instance>(INSTANCE, `${claim.namespace}/${claim.name}`);
    return found.metadata.uid === claim.uid;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
