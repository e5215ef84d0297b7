import { differs } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import { type KubeObject, keyOf, type Manifest, type Resource } from '#runtime/resource.ts';

/** A rule that the API server itself checks: it holds while Berth is away (ValidatingAdmissionPolicy). */
export interface Policy {
  name: string;
  resourceRules: {
    apiGroups: string[];
    apiVersions: string[];
    operations: ('CREATE' | 'UPDATE' | 'DELETE')[];
    resources: string[];
  }[];
  matchConditions: { name: string; expression: string }[];
  validations: { expression: string; message: string }[];
}

const resource = (plural: string, kind: string): Resource => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
});

export const POLICY = resource('validatingadmissionpolicies', 'ValidatingAdmissionPolicy');
export const POLICY_BINDING = resource(
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
);

/** A policy and its binding, as they stand in the API server. */
export function policyObjects({ name, resourceRules, matchConditions, validations }: Policy) {
  const apiVersion = `${POLICY.group}/${POLICY.version}`;
  return [
    {
      apiVersion,
      kind: POLICY.kind,
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules },
        matchConditions,
        validations: validations.map((it) => ({ ...it, reason: 'Forbidden' })),
      },
    },
    {
      apiVersion,
      kind: POLICY_BINDING.kind,
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ] as const;
}

/** Puts a policy in force; writes only what differs. */
export async function publishPolicy(client: KubeClient, policy: Policy): Promise<void> {
  const [rules, binding] = policyObjects(policy);
  await publish(client, POLICY, rules);
  await publish(client, POLICY_BINDING, binding);
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
