import { TEMPORARY_POD_ANNOTATION } from '#adapters/kubevirt/types.ts';
import { INSTANCE_UID_LABEL, PLACEMENT_GATE } from '#api/constants.ts';
import { type Affinity, pinnedAffinity } from '#core/placement/pin.ts';
import { type AdmissionHandler, allow, deny } from '#runtime/admission.ts';

interface AdmittedPod {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: { schedulingGates?: { name: string }[]; nodeName?: string; affinity?: Affinity };
}

/** Node on which an Instance holds its claim, by the Instance's uid. */
export type ClaimNodeOf = (instanceUid: string) => string | undefined;

/**
 * Puts the gate on every pod that carries an Instance's guest. Such pods are made by KubeVirt's controller alone: a
 * label that anybody else sets is refused.
 *
 * KubeVirt's temporary pod for a volume that waits for its first consumer carries no guest, it only chooses the disk's
 * node: it is pinned right here where the claim is known, which saves a write; else it waits behind the gate as well.
 */
export function gatePods(kubevirtNamespace: string, claimNodeOf: ClaimNodeOf): AdmissionHandler {
  const creator = `system:serviceaccount:${kubevirtNamespace}:kubevirt-controller`;
  return async ({ object, userInfo }) => {
    const pod = object as AdmittedPod;
    if (userInfo.username !== creator) {
      return deny(
        `the label ${INSTANCE_UID_LABEL} marks the pods of Berth's guests, which KubeVirt makes: remove it, or create an Instance`,
      );
    }
    if (pod.spec.nodeName) return deny('a guest is placed by Berth: its pod cannot name a node itself');
    return allow([pinOfTemporary(pod, claimNodeOf) ?? gateOf(pod)]);
  };
}

function pinOfTemporary({ metadata, spec }: AdmittedPod, claimNodeOf: ClaimNodeOf) {
  if (metadata.annotations?.[TEMPORARY_POD_ANNOTATION] === undefined) return undefined;
  const nodeName = claimNodeOf(metadata.labels?.[INSTANCE_UID_LABEL] ?? '');
  if (nodeName === undefined) return undefined;
  return { op: 'add', path: '/spec/affinity', value: pinnedAffinity(spec.affinity, nodeName) } as const;
}

function gateOf({ spec }: AdmittedPod) {
  const others = (spec.schedulingGates ?? []).filter(({ name }) => name !== PLACEMENT_GATE);
  return { op: 'add', path: '/spec/schedulingGates', value: [...others, { name: PLACEMENT_GATE }] } as const;
}
