import { webhookConfiguration } from '#admission/configuration.ts';
import { identitiesOf } from '#admission/identities.ts';
import { policiesOf } from '#admission/policies.ts';
import { policyObjects } from '#admission/policy.ts';
import { HEADER, templateOf, word } from './template.ts';

const INJECTED = `  {{- if eq .Values.admission.certificates "cert-manager" }}
  annotations:
    cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/berth-webhook
  {{- end }}
`;

/** The webhooks, without the bundle to trust: Berth puts it in, or cert-manager. */
export function webhooksTemplate(): string {
  const service = { name: 'berth-webhook', namespace: word('BERTH_NAMESPACE') };
  const { metadata, webhooks } = webhookConfiguration({ service }, '');
  const untrusted = webhooks.map(({ clientConfig, ...rest }) => {
    const { caBundle: _, ...address } = clientConfig;
    return { ...rest, clientConfig: address };
  });
  const object = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata,
    webhooks: untrusted,
  };
  return `${HEADER}${templateOf([object]).replace(/^webhooks:/m, `${INJECTED}webhooks:`)}`;
}

export function policiesTemplate(): string {
  const policies = policiesOf(identitiesOf(word('BERTH_USER'), word('KUBEVIRT_NAMESPACE')));
  return `${HEADER}${templateOf(policies.flatMap(policyObjects))}`;
}
