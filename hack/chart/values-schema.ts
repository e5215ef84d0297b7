import { z } from 'zod';
import { type Config, settings } from '../../operator/settings.ts';

/** Settings that the chart makes of other values. */
const CHARTS_OWN: readonly (keyof Config)[] = [
  'config',
  'kubeconfig',
  'namespace',
  'identity',
  'userName',
  'kubevirtNamespace',
  'bindAddress',
  'webhookPort',
  'webhookService',
  'webhookHost',
  'healthPort',
  'admissionObjects',
  'certificateDir',
  'logControl',
  'logFile',
  'logFileSize',
  'logFileDays',
  'logFileKeep',
];

type Schema = Record<string, unknown>;

const object = (properties: Record<string, Schema>, rest: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...rest,
});
const string = (rest: Schema = {}): Schema => ({ type: 'string', ...rest });
const boolean: Schema = { type: 'boolean' };
const seconds = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum });
const strings: Schema = { type: 'object', additionalProperties: { type: 'string' } };
const anyObject: Schema = { type: 'object' };
const list = (items: Schema): Schema => ({ type: 'array', items });
const port: Schema = { type: 'integer', minimum: 1, maximum: 65535 };
const dnsName = string({ pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', minLength: 1, maxLength: 63 });
const quantity: Schema = { type: ['string', 'integer'], pattern: '^[0-9.]+(m|k|Ki|M|Mi|G|Gi)?$' };
const amounts = object({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity });

/** What `config` may hold: the operator's own settings, with their bounds. */
function configSchema(): Schema {
  const { properties = {} } = z.toJSONSchema(settings, { io: 'output', unrepresentable: 'any' });
  const entries = Object.entries(properties as Record<string, Schema>)
    .filter(([name]) => !CHARTS_OWN.includes(name as keyof Config))
    .map(([name, { default: _, ...rest }]) => [name, rest]);
  return object(Object.fromEntries(entries));
}

/** The JSON schema of the chart's values. helm refuses what does not hold to it, naming the value. */
export function valuesSchema(): string {
  const schema = object(
    {
      global: anyObject,
      image: object({
        repository: string({ minLength: 1, pattern: '^[^\\s@]+$' }),
        tag: string({ pattern: '^[A-Za-z0-9_.-]*$', maxLength: 128 }),
        digest: string({ pattern: '^(sha256:[0-9a-f]{64})?$' }),
        pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      }),
      imagePullSecrets: list(object({ name: dnsName }, { required: ['name'] })),
      replicas: { type: 'integer', minimum: 1, maximum: 5 },
      kubevirt: object({ namespace: dnsName }),
      config: configSchema(),
      resources: object({ requests: amounts, limits: amounts }),
      priorityClassName: string(),
      podDisruptionBudget: object({ enabled: boolean, minAvailable: { type: 'integer', minimum: 0 } }),
      terminationGracePeriodSeconds: seconds(5, 600),
      shutdownDelaySeconds: seconds(0, 60),
      nodeSelector: strings,
      tolerations: list(anyObject),
      affinity: anyObject,
      topologySpreadConstraints: list(anyObject),
      podAnnotations: strings,
      podLabels: strings,
      serviceAccount: object({ name: dnsName, annotations: strings }),
      rbac: object({ people: boolean, aggregate: boolean, catalogForAll: boolean }),
      crds: object({ install: boolean }),
      admission: object({
        certificates: { enum: ['berth', 'cert-manager'] },
        certManager: object({
          issuerRef: object({ name: string(), kind: { enum: ['Issuer', 'ClusterIssuer'] }, group: string() }),
        }),
      }),
      uninstall: object({ releaseGuests: boolean }),
      networkPolicy: object({
        enabled: boolean,
        apiServerPorts: { ...list(port), minItems: 1 },
        metricsFrom: list(anyObject),
        extraEgress: list(anyObject),
      }),
      metrics: object({
        serviceMonitor: object({
          enabled: boolean,
          interval: string({ pattern: '^[0-9]+(ms|s|m)$' }),
          labels: strings,
        }),
        prometheusRule: object({
          enabled: boolean,
          labels: strings,
          runbooks: string({ pattern: '^https?://' }),
        }),
        dashboard: object({ enabled: boolean, labels: strings }),
      }),
      samples: object({ flavors: boolean, schedulerProfile: boolean }),
    },
    { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Values of the chart berth' },
  );
  return `${JSON.stringify(schema, null, 2)}\n`;
}
