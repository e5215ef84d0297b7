import type { Claim } from '#api/nodeledger.ts';

/** What is known about one claim on one node. */
export interface ClaimFacts {
  claim: Claim;
  nodeName: string;
  /** Does the owner exist, and is it not over (a migration that ended)? */
  ownerActive: boolean;
  /** Does the Instance itself exist? */
  instanceExists: boolean;
  /** Node that the guest runs on. */
  guestNode: string | undefined;
  /** Node that its server group leaves it, of those that it has claimed; undefined: that has no say. */
  groupNode: string | undefined;
  /** Node in the Instance's status. */
  recordedNode: string | undefined;
  /** Are there pods of the Instance on this node, or not yet on any, that are not over? */
  podsHere: boolean;
  /** Is it one of the two that a resize or cold migration holds until it is confirmed or reverted? */
  heldForMove: boolean;
  /** All nodes on which the Instance itself holds a claim, this one included. */
  claimedNodes: readonly string[];
}

export type Settlement = 'keep' | 'drop' | 'takeOver';

/**
 * What becomes of a claim. It goes only when its owner is gone or has moved on, and the owner's pods are gone too; a
 * move that ended well hands its claim over to the Instance.
 */
export function settle(facts: ClaimFacts): Settlement {
  return facts.claim.ownerKind === 'Instance' ? settleInstance(facts) : settleMove(facts);
}

function settleInstance({
  instanceExists,
  nodeName,
  podsHere,
  heldForMove,
  ...facts
}: ClaimFacts): Settlement {
  if (podsHere) return 'keep';
  if (!instanceExists) return 'drop';
  if (heldForMove) return 'keep';
  return homeOf(facts) === nodeName ? 'keep' : 'drop';
}

function settleMove({
  ownerActive,
  instanceExists,
  guestNode,
  nodeName,
  podsHere,
  claimedNodes,
}: ClaimFacts): Settlement {
  if (ownerActive) return 'keep';
  if (instanceExists && guestNode === nodeName) return claimedNodes.includes(nodeName) ? 'drop' : 'takeOver';
  return podsHere ? 'keep' : 'drop';
}

interface HomeFacts {
  guestNode: string | undefined;
  groupNode: string | undefined;
  recordedNode: string | undefined;
  claimedNodes: readonly string[];
}

/**
 * Which of an Instance's claims is the one that counts: where it runs, else where its group is, else where it was, else the first by name.
 * There are two where a write was given up for lost, or its writer was, and had its effect all the same: by then the members that
 * come after it are placed beside the one that has the reservation.
 */
export function homeOf({ guestNode, groupNode, recordedNode, claimedNodes }: HomeFacts): string | undefined {
  const known = [guestNode, groupNode, recordedNode].find(
    (node) => node !== undefined && claimedNodes.includes(node),
  );
  return known ?? [...claimedNodes].sort()[0];
}

/** The claim of a move that ended, as the Instance's own. */
export function takenOver(claim: Claim, instanceName: string): Claim {
  return { ...claim, uid: claim.instanceUid, ownerKind: 'Instance', name: instanceName };
}
