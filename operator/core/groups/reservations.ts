import type { Claim } from '#api/nodeledger.ts';
import type { Reservation, ServerGroup } from '#api/servergroup.ts';

/** What of a claim its reservation says. */
export type Reserving = Pick<Claim, 'uid' | 'ownerKind' | 'name' | 'instanceUid'> & {
  /** Beside what its owner has reserved: a resize holds two places. */
  readonly beside?: boolean;
};

export const reservationsOf = (group: Pick<ServerGroup, 'status'> | undefined): readonly Reservation[] =>
  group?.status?.reservations ?? [];

/**
 * The nodes that the other members of an affinity group leave to one of them. undefined: any, there are no others. None
 * while one of them is on the move: which of its two nodes is the group's is not known yet.
 */
export function nodesLeft(
  reservations: readonly Reservation[],
  instanceUid: string,
): readonly string[] | undefined {
  const others = reservations.filter((it) => it.instanceUid !== instanceUid);
  if (others.length === 0) return undefined;
  return others.some((it) => isMove(it, others)) ? [] : [...new Set(others.map(({ nodeName }) => nodeName))];
}

/**
 * Of several nodes that a member itself has claimed, the one that its group leaves it: the only one that it has reserved, else the one
 * that the others are on. undefined: the group has no say.
 */
export function nodeInGroup(
  reservations: readonly Reservation[],
  instanceUid: string,
  claimedNodes: readonly string[],
): string | undefined {
  if (claimedNodes.length < 2) return undefined;
  const isReserved = (node: string) =>
    reservations.some(({ uid, nodeName }) => uid === instanceUid && nodeName === node);
  const left = nodesLeft(reservations, instanceUid) ?? [];
  return only(claimedNodes.filter(isReserved)) ?? only(claimedNodes.filter((node) => left.includes(node)));
}

const only = (nodes: readonly string[]): string | undefined => (nodes.length === 1 ? nodes[0] : undefined);

/** Of a move, or of an Instance that has two places. */
const isMove = ({ uid, instanceUid, nodeName }: Reservation, all: readonly Reservation[]): boolean =>
  uid !== instanceUid || all.some((it) => it.uid === uid && it.nodeName !== nodeName);

/**
 * The reservations with one more: each owner has its newest, unless it asks for two. The same array when it is there already; undefined
 * when the others are elsewhere.
 */
export function reserved(
  reservations: readonly Reservation[],
  { uid, ownerKind, name, instanceUid, beside = false }: Reserving,
  nodeName: string,
): readonly Reservation[] | undefined {
  const left = nodesLeft(reservations, instanceUid);
  if (left !== undefined && !left.includes(nodeName)) return undefined;
  if (reservations.some((it) => it.uid === uid && it.nodeName === nodeName)) return reservations;
  const others = reservations.filter((it) => beside || it.uid !== uid);
  return [...others, { uid, ownerKind, name, instanceUid, nodeName }];
}

export interface ClaimOnNode {
  readonly nodeName: string;
  readonly claim: Reserving;
}

/**
 * What the reservations come to, from the claims of the members: each claim has one, also where it was lost, and one
 * without a claim stays for as long as its owner may still make that claim; it may hold another one already.
 */
export function settledReservations(
  reservations: readonly Reservation[],
  claims: readonly ClaimOnNode[],
  mayStillClaim: (reservation: Reservation, holdsAnother: boolean) => boolean,
): Reservation[] {
  const owners = new Set(claims.map(({ claim }) => claim.uid));
  const held = claims.map(({ nodeName, claim: { uid, ownerKind, name, instanceUid } }) => ({
    uid,
    ownerKind,
    name,
    instanceUid,
    nodeName,
  }));
  const there = new Set(held.map(placeOf));
  const pending = reservations.filter(
    (it) => !there.has(placeOf(it)) && mayStillClaim(it, owners.has(it.uid)),
  );
  return [...held, ...pending].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

export function sameReservations(a: readonly Reservation[], b: readonly Reservation[]): boolean {
  const text = (all: readonly Reservation[]) => all.map(placeOf).sort().join('\n');
  return text(a) === text(b);
}

const placeOf = ({ uid, nodeName }: Reservation): string => `${uid} ${nodeName}`;
