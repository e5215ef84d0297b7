import { GROUP, VERSION } from '#api/constants.ts';
import type { Policy } from './policy.ts';

/** Who may say that a node is off: whoever is allowed this verb on that ComputeNode. */
export const FENCE_VERB = 'fence';

const CHANGES =
  "request.operation == 'CREATE' ? has(object.spec.fenced) : object.spec.?fenced != oldObject.spec.?fenced";

/** Is the request one that gives the word, or changes it? */
export const ATTESTS = `(${CHANGES}) && has(object.spec.fenced)`;

/** Keeps spec.fenced to those with the verb. Berth takes it away when the node is back. */
export const fencePolicy = (berthUser: string): Policy => ({
  name: 'berth-fence',
  resourceRules: [
    {
      apiGroups: [GROUP],
      apiVersions: [VERSION],
      operations: ['CREATE', 'UPDATE'],
      resources: ['computenodes'],
    },
  ],
  matchConditions: [
    { name: 'changes-the-word', expression: CHANGES },
    {
      name: 'is-no-withdrawal-by-berth',
      expression: `has(object.spec.fenced) || request.userInfo.username != '${berthUser}'`,
    },
  ],
  validations: [
    {
      expression: `authorizer.group('${GROUP}').resource('computenodes').name(object.metadata.name).check('${FENCE_VERB}').allowed()`,
      message: `spec.fenced says that a node is off, so that its guests can be started elsewhere: it needs the verb ${FENCE_VERB} on computenodes of ${GROUP}. Ask an operator`,
    },
  ],
});
