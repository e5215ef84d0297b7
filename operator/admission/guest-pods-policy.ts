import { LAUNCHER_LABEL, TEMPORARY_POD_ANNOTATION } from '#adapters/kubevirt/types.ts';
import { GROUP, GUEST_FINALIZER, PLACEMENT_GATE } from '#api/constants.ts';
import { all, any, CREATES, hasBerthsLabels, IS_KUBERNETES, isUser, same, sameField } from './cel.ts';
import type { Identities } from './identities.ts';
import type { Policy } from './policy.ts';

const GATED = `object.spec.?schedulingGates.orValue([]).exists(gate, gate.name == '${PLACEMENT_GATE}')`;
const held = (object: string) => `'${GUEST_FINALIZER}' in ${object}.metadata.?finalizers.orValue([])`;
const TEMPORARY = `'${TEMPORARY_POD_ANNOTATION}' in object.metadata.?annotations.orValue({})`;
const PINNED =
  'object.spec.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms.orValue([]).exists(term, has(term.matchFields))';

/**
 * Keeps the pods of guests to KubeVirt, and the gate to Berth. It sees a pod after the webhooks have: one that has not
 * been through Berth's is refused, whatever became of that webhook.
 */
export const guestPodsPolicy = ({ berth, controller, handler }: Identities): Policy => ({
  name: 'berth-guest-pods',
  resourceRules: [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] },
  ],
  matchConditions: [
    { name: 'is-a-guests-pod', expression: hasBerthsLabels('metadata') },
    { name: 'is-not-berth', expression: `!(${isUser(berth)})` },
  ],
  validations: [
    {
      expression: `!(${CREATES}) || ${isUser(controller)}`,
      message: `labels of ${GROUP} mark the pods of Berth's guests, which KubeVirt makes: remove them, or create an Instance`,
    },
    {
      expression: `!(${CREATES}) || ${any(all(GATED, held('object')), all(TEMPORARY, any(GATED, PINNED)), `object.metadata.?labels['${LAUNCHER_LABEL.key}'].orValue('') != '${LAUNCHER_LABEL.value}'`)}`,
      message: `this pod has not been through Berth's webhook, which puts the gate on it: the MutatingWebhookConfiguration berth is missing or was changed. Install Berth's chart again, or start the operator that published it`,
    },
    {
      expression: `${CREATES} || ${sameField('spec.schedulingGates')}`,
      message: `the gate ${PLACEMENT_GATE} is Berth's: it is taken off when the guest has its place`,
    },
    {
      expression: `${CREATES} || ${all(same('labels', `${GROUP}/`), same('annotations', `${GROUP}/`))}`,
      message: `labels and annotations of ${GROUP} on a guest's pod are Berth's`,
    },
    {
      expression: `${CREATES} || !(${held('oldObject')}) || ${held('object')}`,
      message: `the finalizer ${GUEST_FINALIZER} holds the pod until its guest is proven off, or its disk could have two writers. If the node is lost and known to be off, say so: kubectl patch computenode NODE --type merge -p '{"spec":{"fenced":{"reason":"..."}}}'`,
    },
    {
      expression: `${CREATES} || ${isUser(controller, handler)} || ${all(sameField('spec'), same('labels', 'kubevirt.io'), same('annotations', 'kubevirt.io'))}`,
      message: `the pod of a guest is KubeVirt's and Berth's: change the Instance instead`,
    },
    {
      expression: `${CREATES} || ${isUser(controller, handler)} || ${IS_KUBERNETES} || ${sameField('metadata.ownerReferences')}`,
      message: `whose guest a pod carries is not for change`,
    },
  ],
});
