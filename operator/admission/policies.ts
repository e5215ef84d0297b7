import type { KubeClient } from '#runtime/client.ts';
import { fencePolicy } from './fence-policy.ts';
import { nodeNamePolicy } from './node-name-policy.ts';
import { type Policy, publishPolicy } from './policy.ts';

/** All that the API server checks for Berth by itself. */
export const policiesOf = (berthUser: string): Policy[] => [nodeNamePolicy, fencePolicy(berthUser)];

export async function publishPolicies(client: KubeClient, berthUser: string): Promise<void> {
  for (const policy of policiesOf(berthUser)) await publishPolicy(client, policy);
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
