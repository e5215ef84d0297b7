import type { KubeClient } from './client.ts';
import { isConflict } from './errors.ts';
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

/**
 * Makes every webhook of a configuration trust `bundle` (PEM); writes only what differs. Replicas do so at the same
 * time: who comes second looks again.
 */
export async function publishCaBundle(
  client: KubeClient,
  resource: Resource,
  name: string,
  bundle: string,
): Promise<void> {
  const caBundle = Buffer.from(bundle).toString('base64');
  for (;;) {
    const configuration = await client.get<WebhookConfiguration>(resource, name);
    const webhooks = configuration.webhooks ?? [];
    if (webhooks.every((webhook) => webhook.clientConfig.caBundle === caBundle)) return;
    const trusting = webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle },
    }));
    if (await written(client, resource, { ...configuration, webhooks: trusting })) return;
  }
}

async function written(
  client: KubeClient,
  resource: Resource,
  object: WebhookConfiguration,
): Promise<boolean> {
  try {
    await client.update(resource, object);
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}
