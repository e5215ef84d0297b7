import { GROUP, VERSION } from '#api/constants.ts';
import type { Policy } from './policy.ts';

/** Who may unlock an Instance: whoever is allowed this verb on this resource, in the Instance's namespace. */
export const UNLOCK_VERB = 'unlock';
export const UNLOCK_RESOURCE = 'instances';
export const UNLOCK_SUBRESOURCE = 'lock';

const LOCKED = 'oldObject.spec.?locked.orValue(false)';
const UNLOCKS = `${LOCKED} && !object.spec.?locked.orValue(false)`;
const OTHER_FIELDS = [
  ...[
    'powerState',
    'shelved',
    'rescue',
    'flavorRef',
    'schedulerProfile',
    'deletionProtection',
    'volumes',
    'networks',
  ],
].map((field) => `object.spec.?${field} == oldObject.spec.?${field}`);

/** Keeps a locked Instance as it is, and what is protected from being deleted; the lock is for those with the verb. */
export const instanceLockPolicy: Policy = {
  name: 'berth-instance-lock',
  resourceRules: [
    {
      apiGroups: [GROUP],
      apiVersions: [VERSION],
      operations: ['UPDATE', 'DELETE'],
      resources: ['instances'],
    },
  ],
  matchConditions: [
    {
      name: 'is-locked-or-protected',
      expression: `${LOCKED} || oldObject.spec.?deletionProtection.orValue(false)`,
    },
  ],
  validations: [
    {
      expression: `request.operation != 'DELETE' || !${LOCKED}`,
      message: 'the Instance is locked: set spec.locked to false before it is deleted',
    },
    {
      expression: "request.operation != 'DELETE' || !oldObject.spec.?deletionProtection.orValue(false)",
      message: 'the Instance is protected: set spec.deletionProtection to false before it is deleted',
    },
    {
      expression: `request.operation == 'DELETE' || !(${UNLOCKS}) || authorizer.group('${GROUP}').resource('${UNLOCK_RESOURCE}').subresource('${UNLOCK_SUBRESOURCE}').namespace(request.namespace).name(object.metadata.name).check('${UNLOCK_VERB}').allowed()`,
      message: `unlocking needs the verb ${UNLOCK_VERB} on ${UNLOCK_RESOURCE}/${UNLOCK_SUBRESOURCE} of ${GROUP} in this namespace: ask for it`,
    },
    {
      expression: `request.operation == 'DELETE' || !${LOCKED} || ${UNLOCKS} || (${OTHER_FIELDS.join(' && ')})`,
      message: 'the Instance is locked: set spec.locked to false before anything else is changed',
    },
  ],
};
