import type { KubeClient } from './client.ts';
import { type JsonPatchOperation, pointer } from './json-patch.ts';
import type { KubeObject, Resource } from './resource.ts';

const group = 'admissionregistration.k8s.io';

export const mutatingWebhooks: Resource = {
  group,
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
};

export const validatingWebhooks: Resource = {
  ...mutatingWebhooks,
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
};

interface WebhookConfiguration extends KubeObject {
  webhooks?: Array<{ name: string; clientConfig: { caBundle?: string } }>;
}

/** Makes every webhook of a configuration trust `bundle` (PEM); writes only what differs. */
export async function publishCaBundle(
  client: KubeClient,
  resource: Resource,
  name: string,
  bundle: string,
): Promise<void> {
  const configuration = await client.get<WebhookConfiguration>(resource, name);
  const value = Buffer.from(bundle).toString('base64');
  const changes: JsonPatchOperation[] = [];
  for (const [index, webhook] of (configuration.webhooks ?? []).entries()) {
    if (webhook.clientConfig.caBundle === value) continue;
    changes.push({ op: 'add', path: pointer('webhooks', index, 'clientConfig', 'caBundle'), value });
  }
  if (changes.length === 0) return;
  const { resourceVersion } = configuration.metadata;
  const unchanged: JsonPatchOperation = {
    op: 'test',
    path: '/metadata/resourceVersion',
    value: resourceVersion,
  };
  await client.patch(resource, name, [unchanged, ...changes], { type: 'json' });
}
