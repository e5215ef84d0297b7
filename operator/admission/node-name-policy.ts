import { GROUP, VERSION } from '#api/constants.ts';
import type { Policy } from './policy.ts';

/** Who may name a node: whoever is allowed this verb on this resource, in the Instance's namespace. */
export const PIN_VERB = 'pin';
export const PIN_RESOURCE = 'instances';
export const PIN_SUBRESOURCE = 'nodename';

/**
 * Refuses spec.nodeName to users without the verb. The API server asks its own authorizer (a SubjectAccessReview within
 * the request), so the check holds while Berth's webhook is away (KEP-3488). Only creation is looked at: the field is
 * fixed after that.
 */
export const nodeNamePolicy: Policy = {
  name: 'berth-node-name',
  resourceRules: [
    { apiGroups: [GROUP], apiVersions: [VERSION], operations: ['CREATE'], resources: ['instances'] },
  ],
  matchConditions: [{ name: 'names-a-node', expression: 'has(object.spec.nodeName)' }],
  validations: [
    {
      expression: `authorizer.group('${GROUP}').resource('${PIN_RESOURCE}').subresource('${PIN_SUBRESOURCE}').namespace(request.namespace).check('${PIN_VERB}').allowed()`,
      message: `spec.nodeName is for administrators: naming a node needs the verb ${PIN_VERB} on ${PIN_RESOURCE}/${PIN_SUBRESOURCE} of ${GROUP} in this namespace. Remove the field, or ask for that verb`,
    },
  ],
};
