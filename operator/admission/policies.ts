import type { KubeClient } from '#runtime/client.ts';
import { fencePolicy } from './fence-policy.ts';
import { guestPodsPolicy } from './guest-pods-policy.ts';
import { guestVmisPolicy } from './guest-vmis-policy.ts';
import { guestVmsPolicy } from './guest-vms-policy.ts';
import type { Identities } from './identities.ts';
import { instanceLockPolicy } from './instance-lock-policy.ts';
import { nodeNamePolicy } from './node-name-policy.ts';
import { type Policy, publishPolicy } from './policy.ts';
import { requestedByPolicy } from './requested-by-policy.ts';

/** All that the API server checks for Berth by itself. */
export const policiesOf = (identities: Identities): Policy[] => [
  nodeNamePolicy,
  instanceLockPolicy,
  requestedByPolicy,
  fencePolicy(identities.berth),
  guestPodsPolicy(identities),
  guestVmsPolicy(identities),
  guestVmisPolicy(identities),
];

export async function publishPolicies(client: KubeClient, identities: Identities): Promise<void> {
  for (const policy of policiesOf(identities)) await publishPolicy(client, policy);
}

/** The user that the API server takes us for (KEP-3325). */
export async function ownUserName(client: KubeClient): Promise<string> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const { status } = await client.request<SelfSubjectReview>('POST', path, review, { idempotent: true });
  return status.userInfo.username;
}

interface SelfSubjectReview {
  status: { userInfo: { username: string } };
}
