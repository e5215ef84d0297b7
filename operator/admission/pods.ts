import { TEMPORARY_POD_ANNOTATION } from '#adapters/kubevirt/types.ts';
import { GUEST_FINALIZER, INSTANCE_UID_LABEL, PLACEMENT_GATE } from '#api/constants.ts';
import { type Affinity, pinnedAffinity } from '#core/placement/pin.ts';
import { type AdmissionHandler, allow, deny } from '#runtime/admission.ts';
import type { JsonPatchOperation } from '#runtime/json-patch.ts';
import type { ObjectMeta } from '#runtime/resource.ts';
import { brokenChain, type Find } from './owner-chain.ts';

interface AdmittedPod {
  metadata: ObjectMeta;
  spec: { schedulingGates?: { name: string }[]; nodeName?: string; affinity?: Affinity };
}

/** Node on which an Instance holds its claim, by the Instance's uid. */
export type ClaimNodeOf = (instanceUid: string) => string | undefined;

/**
 * Puts the gate on every pod that carries an Instance's guest, and the finalizer that keeps it until the guest is
 * proven off. Such pods are made by KubeVirt's controller alone, for the VMI of an Instance's VM.
 *
 * KubeVirt's temporary pod for a volume that waits for its first consumer carries no guest, it only chooses the disk's
 * node: it is pinned right here where the claim is known, which saves a write; else it waits behind the gate as well.
 */
export function gatePods(controller: string, claimNodeOf: ClaimNodeOf, find: Find): AdmissionHandler {
  return async ({ object, userInfo, namespace = '' }) => {
    const pod = object as AdmittedPod;
    if (userInfo.username !== controller) {
      return deny(
        `the label ${INSTANCE_UID_LABEL} marks the pods of Berth's guests, which KubeVirt makes: remove it, or create an Instance`,
      );
    }
    if (pod.spec.nodeName) return deny('a guest is placed by Berth: its pod cannot name a node itself');
    const broken = await brokenChain(pod, namespace, find);
    if (broken) return deny(`the label ${INSTANCE_UID_LABEL} of this pod is not its own: ${broken}`);
    if (pod.metadata.annotations?.[TEMPORARY_POD_ANNOTATION] === undefined)
      return allow([gateOf(pod), holdOf(pod)]);
    return allow([pinOfTemporary(pod, claimNodeOf) ?? gateOf(pod)]);
  };
}

function pinOfTemporary({ metadata, spec }: AdmittedPod, claimNodeOf: ClaimNodeOf) {
  const nodeName = claimNodeOf(metadata.labels?.[INSTANCE_UID_LABEL] ?? '');
  if (nodeName === undefined) return undefined;
  return { op: 'add', path: '/spec/affinity', value: pinnedAffinity(spec.affinity, nodeName) } as const;
}

function gateOf({ spec }: AdmittedPod): JsonPatchOperation {
  const others = (spec.schedulingGates ?? []).filter(({ name }) => name !== PLACEMENT_GATE);
  return { op: 'add', path: '/spec/schedulingGates', value: [...others, { name: PLACEMENT_GATE }] };
}

function holdOf({ metadata }: AdmittedPod): JsonPatchOperation {
  const others = (metadata.finalizers ?? []).filter((name) => name !== GUEST_FINALIZER);
  return { op: 'add', path: '/metadata/finalizers', value: [...others, GUEST_FINALIZER] };
}
