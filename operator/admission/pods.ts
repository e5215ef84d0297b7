import { INSTANCE_UID_LABEL, PLACEMENT_GATE } from '#api/constants.ts';
import { type AdmissionHandler, allow, deny } from '#runtime/admission.ts';

interface AdmittedPod {
  metadata: { labels?: Record<string, string> };
  spec: { schedulingGates?: { name: string }[]; nodeName?: string };
}

/**
 * Puts the gate on every pod that carries an Instance's guest. Such pods are made by KubeVirt's controller alone: a
 * label that anybody else sets is refused.
 */
export function gatePods(kubevirtNamespace: string): AdmissionHandler {
  const creator = `system:serviceaccount:${kubevirtNamespace}:kubevirt-controller`;
  return async ({ object, userInfo }) => {
    const pod = object as AdmittedPod;
    if (userInfo.username !== creator) {
      return deny(
        `the label ${INSTANCE_UID_LABEL} marks the pods of Berth's guests, which KubeVirt makes: remove it, or create an Instance`,
      );
    }
    if (pod.spec.nodeName) return deny('a guest is placed by Berth: its pod cannot name a node itself');
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.some(({ name }) => name === PLACEMENT_GATE)) return allow();
    return allow([{ op: 'add', path: '/spec/schedulingGates', value: [...gates, { name: PLACEMENT_GATE }] }]);
  };
}
