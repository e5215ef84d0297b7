import { GROUP } from '#api/constants.ts';
import { all, any, CREATES, hasBerthsLabels, IS_KUBERNETES, isUser, same, sameField } from './cel.ts';
import type { Identities } from './identities.ts';
import type { Policy } from './policy.ts';

const owned = (object: string) =>
  `${object}.metadata.?ownerReferences.orValue([]).exists(it, it.apiVersion.startsWith('${GROUP}/'))`;
const TEMPLATE = 'spec.?template.?metadata';
const IS_OURS = any(
  hasBerthsLabels('metadata'),
  hasBerthsLabels(TEMPLATE),
  owned('object'),
  `oldObject != null && ${owned('oldObject')}`,
);

/** What a claim was made for: not even KubeVirt's controllers, which also act on what users wrote elsewhere, change it. */
const CLAIMED_FOR = [
  ...['affinity', 'nodeSelector', 'tolerations', 'topologySpreadConstraints', 'schedulerName'],
  ...['domain.cpu', 'domain.memory', 'domain.resources'],
].map((field) => sameField(`spec.template.spec.${field}`));

const OURS_KEPT = all(same('labels', `${GROUP}/`), same('annotations', `${GROUP}/`));

/** Keeps Berth's VirtualMachines to Berth. virt-api is no exception: it writes what users ask of it. */
export const guestVmsPolicy = ({ berth, controller }: Identities): Policy => ({
  name: 'berth-guest-vms',
  resourceRules: [
    {
      apiGroups: ['kubevirt.io'],
      apiVersions: ['*'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['virtualmachines'],
    },
  ],
  matchConditions: [
    { name: 'is-berths', expression: IS_OURS },
    { name: 'is-not-berth', expression: `!(${isUser(berth)})` },
  ],
  validations: [
    {
      expression: `!(${CREATES})`,
      message: `labels and owner references of ${GROUP} mark Berth's VirtualMachines: remove them, or create an Instance`,
    },
    {
      expression: `${CREATES} || ${isUser(controller)} || ${sameField('spec')}`,
      message: `this VirtualMachine is an Instance's: to start, stop or change it, change the Instance of the same name (spec.powerState: Running, Stopped, Paused)`,
    },
    {
      expression: `${CREATES} || ${all(...CLAIMED_FOR, same('labels', `${GROUP}/`, TEMPLATE))}`,
      message: `this VirtualMachine is an Instance's: its size and where it may run are claimed by Berth, and change with the Instance only`,
    },
    {
      expression: `${CREATES} || ${all(OURS_KEPT, any(isUser(controller), all(same('labels', 'kubevirt.io'), same('annotations', 'kubevirt.io'))))}`,
      message: `labels and annotations of ${GROUP} and of KubeVirt on an Instance's VirtualMachine are Berth's`,
    },
    {
      expression: `${CREATES} || ${isUser(controller)} || ${IS_KUBERNETES} || ${sameField('metadata.ownerReferences')}`,
      message: `whose VirtualMachine this is, is not for change`,
    },
  ],
});
