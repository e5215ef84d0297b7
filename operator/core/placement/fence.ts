import { type EndingPod, hasEnded } from './guest-end.ts';
import { type GatedPod, isGated } from './pin.ts';

export interface GuestPod extends EndingPod {
  metadata: EndingPod['metadata'] & { name: string; uid: string; resourceVersion: string };
  spec: EndingPod['spec'] & GatedPod['spec'];
}

/** An Instance's pods, other than this one, that may still run its guest: until each has ended a new one stays gated. */
export function otherGuests<T extends GuestPod>(pod: T, all: readonly T[]): T[] {
  return all.filter(
    (other) => other.metadata.uid !== pod.metadata.uid && !isGated(other) && !hasEnded(other),
  );
}

/** KEP-2268: whoever puts it on a node says that the node is off. */
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Proof that a whole node is off. */
export interface NodeProof {
  /** When that was so; undefined: it is so now. */
  offAtMs: number | undefined;
  /** Whose word it is. */
  word: string;
}

/** What is known of a pod's node. */
export interface NodeFacts {
  /** undefined: there is no such Node. */
  node: { ready: boolean; readyChanged: string | undefined; outOfService: boolean } | undefined;
  /** Since when the Node is missing, as the ComputeNode says. */
  goneSince: string | undefined;
  /** The operator's word, ComputeNode.spec.fenced. */
  attestation: { reason: string; by?: string; at?: string } | undefined;
}

/**
 * Is the node proven off? A kubelet that reports is no such node: it will tell of each pod's end itself.
 *
 * An attestation holds for the outage in which it was given: the kubelet must have been silent since before. One that
 * was heard of later has been on, and what it was told to run then is not known.
 */
export function proofOf({ node, goneSince, attestation }: NodeFacts): NodeProof | undefined {
  if (node?.ready) return undefined;
  if (node?.outOfService) return { offAtMs: undefined, word: `the taint ${OUT_OF_SERVICE}` };
  const silentSince = node ? node.readyChanged : goneSince;
  if (!attestation?.at || !silentSince || !isBefore(silentSince, attestation.at)) return undefined;
  const word = `${attestation.by ?? 'somebody'} at ${attestation.at}: ${attestation.reason}`;
  return { offAtMs: Date.parse(attestation.at), word };
}

/** Does the proof speak of this pod? Not of one that was bound to the node later. */
export function covers({ offAtMs }: NodeProof, { status }: BoundPod): boolean {
  if (offAtMs === undefined) return true;
  const bound = status?.conditions?.find((it) => it.type === 'PodScheduled' && it.status === 'True');
  return bound?.lastTransitionTime !== undefined && latestMs(bound.lastTransitionTime) < offAtMs;
}

interface BoundPod {
  status?: { conditions?: { type: string; status: string; lastTransitionTime?: string }[] };
}

const isBefore = (time: string, other: string): boolean => latestMs(time) < Date.parse(other);

/** Kubernetes cuts times to whole seconds: it may have been this late. */
const latestMs = (time: string): number => Date.parse(time) + (time.includes('.') ? 0 : 999);
