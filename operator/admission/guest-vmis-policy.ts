import { GROUP } from '#api/constants.ts';
import { all, any, CREATES, hasBerthsLabels, IS_KUBERNETES, isUser, same, sameField } from './cel.ts';
import type { Identities } from './identities.ts';
import type { Policy } from './policy.ts';

const BY_A_VM =
  "object.metadata.?ownerReferences.orValue([]).exists(it, it.kind == 'VirtualMachine' && it.controller && it.name == object.metadata.name)";

/** Keeps Berth's VirtualMachineInstances to KubeVirt. What virt-api lets users change of a running guest, it may change. */
export const guestVmisPolicy = ({ berth, controller, handler, api }: Identities): Policy => ({
  name: 'berth-guest-vmis',
  resourceRules: [
    {
      apiGroups: ['kubevirt.io'],
      apiVersions: ['*'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['virtualmachineinstances'],
    },
  ],
  matchConditions: [
    { name: 'is-berths', expression: hasBerthsLabels('metadata') },
    { name: 'is-not-berth', expression: `!(${isUser(berth)})` },
  ],
  validations: [
    {
      expression: `!(${CREATES}) || ${all(isUser(controller), BY_A_VM)}`,
      message: `labels of ${GROUP} mark Berth's guests: remove them, or create an Instance`,
    },
    {
      expression: `${CREATES} || ${same('labels', `${GROUP}/`)}`,
      message: `labels of ${GROUP} on a guest are Berth's`,
    },
    {
      expression: `${CREATES} || ${any(isUser(controller, handler, api), all(sameField('spec'), same('labels', 'kubevirt.io'), same('annotations', 'kubevirt.io'), same('annotations', `${GROUP}/`)))}`,
      message: `this VirtualMachineInstance is an Instance's: change the Instance of the same name`,
    },
    {
      expression: `${CREATES} || ${isUser(controller, handler, api)} || ${IS_KUBERNETES} || ${sameField('metadata.ownerReferences')}`,
      message: `whose guest this is, is not for change`,
    },
  ],
});
