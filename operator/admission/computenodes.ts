import type { ComputeNode } from '#api/computenode.ts';
import type { NodeFacts } from '#core/placement/fence.ts';
import { proofOf } from '#core/placement/fence.ts';
import { type AdmissionHandler, allow, deny } from '#runtime/admission.ts';

/** What is known of a node, but for the word that is about to be given. */
export type NodeFactsOf = (name: string) => NodeFacts;

/**
 * Writes down who says that a node is off, and when. A node whose kubelet reports is not off: it tells of its guests'
 * ends itself, so the word is refused. Who may give it is checked by the API server (fence-policy.ts).
 */
export function attestNodes(factsOf: NodeFactsOf, now: () => Date): AdmissionHandler {
  return async ({ object, oldObject, userInfo }) => {
    const { metadata, spec } = object as ComputeNode;
    const before = (oldObject as ComputeNode | null)?.spec.fenced;
    if (!spec.fenced || JSON.stringify(spec.fenced) === JSON.stringify(before)) return allow();
    const attestation = { reason: spec.fenced.reason, by: userInfo.username ?? '', at: now().toISOString() };
    if (!proofOf({ ...factsOf(metadata.name), attestation })) {
      return deny(
        `spec.fenced: the kubelet of ${metadata.name} reports, or was heard of in the last second, so the node is not off. Its guests' ends need no other word; to stop the node, see kubectl drain`,
      );
    }
    return allow([{ op: 'add', path: '/spec/fenced', value: attestation }]);
  };
}
