import { GROUP, VERSION } from '#api/constants.ts';
import { differs } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import { type KubeObject, keyOf, type Manifest, type Resource } from '#runtime/resource.ts';

/** Who may name a node: whoever is allowed this verb on this resource, in the Instance's namespace. */
export const PIN_VERB = 'pin';
export const PIN_RESOURCE = 'instances';
export const PIN_SUBRESOURCE = 'nodename';

const NAME = 'berth-node-name';

const resource = (plural: string, kind: string): Resource => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});

const POLICY = resource('validatingadmissionpolicies', 'ValidatingAdmissionPolicy');
const BINDING = resource('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding');

/**
 * Refuses spec.nodeName to users without the verb. The API server asks its own authorizer (a SubjectAccessReview within
 * the request), so the check holds while Berth's webhook is away (KEP-3488). Only creation is looked at: the field is
 * fixed after that.
 */
const policy: Manifest = {
  metadata: { name: NAME },
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        { apiGroups: [GROUP], apiVersions: [VERSION], operations: ['CREATE'], resources: ['instances'] },
      ],
    },
    matchConditions: [{ name: 'names-a-node', expression: 'has(object.spec.nodeName)' }],
    validations: [
      {
        expression: `authorizer.group('${GROUP}').resource('${PIN_RESOURCE}').subresource('${PIN_SUBRESOURCE}').namespace(request.namespace).check('${PIN_VERB}').allowed()`,
        message: `spec.nodeName is for administrators: naming a node needs the verb ${PIN_VERB} on ${PIN_RESOURCE}/${PIN_SUBRESOURCE} of ${GROUP} in this namespace. Remove the field, or ask for that verb`,
        reason: 'Forbidden',
      },
    ],
  },
};

const binding: Manifest = {
  metadata: { name: NAME },
  spec: { policyName: NAME, validationActions: ['Deny'] },
};

/** Puts the policy in force; writes only what differs. */
export async function publishNodeNamePolicy(client: KubeClient): Promise<void> {
  await publish(client, POLICY, policy);
  await publish(client, BINDING, binding);
}

async function publish(client: KubeClient, kind: Resource, wanted: Manifest): Promise<void> {
  if (!differs(wanted, await current(client, kind, keyOf(wanted)))) return;
  await client.apply(kind, wanted, { fieldManager: 'berth-webhook', force: true });
}

async function current(client: KubeClient, kind: Resource, key: string): Promise<KubeObject | undefined> {
  try {
    return await client.get(kind, key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
