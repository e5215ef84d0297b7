import { LAUNCHER_LABEL } from '#adapters/kubevirt/types.ts';
import {
  CHANGED_BY_ANNOTATION,
  GROUP,
  INSTANCE_UID_LABEL,
  REQUESTED_BY_ANNOTATION,
  VERSION,
} from '#api/constants.ts';
import { differs } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import { isNotFound } from '#runtime/errors.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { mutatingWebhooks } from '#runtime/webhook-configurations.ts';
import { ATTESTS } from './fence-policy.ts';

export const CONFIGURATION_NAME = 'berth';
export const PODS_PATH = '/mutate-pods';
export const COMPUTE_NODES_PATH = '/mutate-computenodes';
export const INSTANCES_PATH = '/mutate-instances';
export const IMAGES_PATH = '/validate-images';
export const REQUESTS_PATH = '/mutate-requests';

/** In CEL: is the object new, or this annotation of it another? */
const annotationChanges = (key: string): string =>
  `oldObject == null || object.metadata.?annotations[?'${key}'] != oldObject.metadata.?annotations[?'${key}']`;

/** How the API server reaches the webhook: by a Service, or by host and port where the operator runs outside. */
export type WebhookAddress =
  | { service: { name: string; namespace: string } }
  | { host: string; port: number };

/**
 * The webhooks, as they stand in the API server. A pod that cannot be gated must not be made (Fail); an Instance
 * without its finalizer gets it from the controller (Ignore). Nobody's word that a node is off is taken without the stamp of
 * who gave it and when (Fail). Who asked is not known of what came in while the webhook was away (Ignore).
 */
export function webhookConfiguration(address: WebhookAddress, caBundle: string) {
  const clientConfig = (path: string) => ({
    caBundle: Buffer.from(caBundle).toString('base64'),
    ...('host' in address
      ? { url: `https://${address.host}:${address.port}${path}` }
      : { service: { ...address.service, path, port: 443 } }),
  });
  const common = {
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 10,
    matchPolicy: 'Equivalent',
  };
  return {
    metadata: { name: CONFIGURATION_NAME },
    webhooks: [
      {
        ...common,
        name: `pods.${GROUP}`,
        clientConfig: clientConfig(PODS_PATH),
        failurePolicy: 'Fail',
        objectSelector: {
          matchExpressions: [
            { key: LAUNCHER_LABEL.key, operator: 'In', values: [LAUNCHER_LABEL.value] },
            { key: INSTANCE_UID_LABEL, operator: 'Exists' },
          ],
        },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['pods'],
            scope: 'Namespaced',
          },
        ],
      },
      {
        ...common,
        name: `instances.${GROUP}`,
        clientConfig: clientConfig(INSTANCES_PATH),
        failurePolicy: 'Ignore',
        matchConditions: [
          {
            name: 'is-new-or-changes-the-spec',
            expression: `${annotationChanges(CHANGED_BY_ANNOTATION)} || object.spec != oldObject.spec`,
          },
        ],
        rules: [
          {
            apiGroups: [GROUP],
            apiVersions: [VERSION],
            operations: ['CREATE', 'UPDATE'],
            resources: ['instances'],
            scope: 'Namespaced',
          },
        ],
      },
      {
        ...common,
        name: `images.${GROUP}`,
        clientConfig: clientConfig(IMAGES_PATH),
        failurePolicy: 'Ignore', // the controller takes nothing from a place that is not allowed
        rules: [
          {
            apiGroups: [GROUP],
            apiVersions: [VERSION],
            operations: ['CREATE'],
            resources: ['images'],
            scope: 'Namespaced',
          },
        ],
      },
      {
        ...common,
        name: `requests.${GROUP}`,
        clientConfig: clientConfig(REQUESTS_PATH),
        failurePolicy: 'Ignore',
        matchConditions: [
          { name: 'is-new-or-says-who', expression: annotationChanges(REQUESTED_BY_ANNOTATION) },
        ],
        rules: [
          {
            apiGroups: [GROUP],
            apiVersions: [VERSION],
            operations: ['CREATE', 'UPDATE'],
            resources: ['instanceactions', 'instancemigrations'],
            scope: 'Namespaced',
          },
        ],
      },
      {
        ...common,
        name: `computenodes.${GROUP}`,
        clientConfig: clientConfig(COMPUTE_NODES_PATH),
        failurePolicy: 'Fail',
        matchConditions: [{ name: 'attests', expression: ATTESTS }],
        rules: [
          {
            apiGroups: [GROUP],
            apiVersions: [VERSION],
            operations: ['CREATE', 'UPDATE'],
            resources: ['computenodes'],
            scope: 'Cluster',
          },
        ],
      },
    ],
  };
}

/** Makes the API server call this webhook; writes only what differs. */
export async function publishWebhooks(
  client: KubeClient,
  address: WebhookAddress,
  caBundle: string,
): Promise<void> {
  const wanted = webhookConfiguration(address, caBundle);
  if (!differs(wanted, await current(client))) return;
  await client.apply(mutatingWebhooks, wanted, { fieldManager: 'berth-webhook', force: true });
}

async function current(client: KubeClient): Promise<KubeObject | undefined> {
  try {
    return await client.get(mutatingWebhooks, CONFIGURATION_NAME);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
