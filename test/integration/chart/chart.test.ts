import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PrometheusTelemetry } from '#adapters/prometheus/telemetry.ts';
import { CHART, HELMS, type HelmName, helm, ROOT } from '#test/helm.ts';
import { promcheck } from '#test/promcheck.ts';
import { INSTALL_MANIFEST, installManifest } from '../../../hack/chart/install-manifest.ts';
import { type Config, parseConfig } from '../../../operator/config.ts';

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; annotations?: Record<string, string>; labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest of any kind
  [field: string]: any;
}

const NAMES = Object.keys(HELMS) as HelmName[];

/** The chart with some values, as objects. */
async function rendered(
  sets: string[] = [],
  name: HelmName = 'Helm 4',
  more: string[] = [],
): Promise<Manifest[]> {
  const flags = sets.flatMap((it) => ['--set', it]);
  const text = await helm(name, 'template', 'berth', CHART, '-n', 'berth-system', ...flags, ...more);
  return parseAllDocuments(text)
    .map((it) => it.toJS() as Manifest | null)
    .filter((it): it is Manifest => it !== null);
}

const find = (all: Manifest[], kind: string, name = 'berth') =>
  all.find((it) => it.kind === kind && it.metadata.name === name);

const deploymentOf = (all: Manifest[]): Manifest => {
  const found = find(all, 'Deployment');
  if (!found) throw new Error('no Deployment is rendered');
  return found;
};

describe.each(NAMES)('with %s', (name) => {
  test('the chart is without faults', async () => {
    expect(await helm(name, 'lint', CHART, '--strict')).toContain('0 chart(s) failed');
  });

  test.each([
    ['replicas=0', /replicas.*(minimum|greater than or equal to)/s],
    ['replica=3', /additional properties? .*replica/is],
    ['config.maxAttempts=9', /config.maxAttempts.*(maximum|less than or equal to)/s],
    ['config.maxAttemps=2', /config.*additional properties? .*maxAttemps/is],
    ['config.imageSource[0]=ftp://x', /config.imageSource.0.*pattern/s],
    ['admission.certificates=vault', /admission.certificates.*(must be one of|one of the following)/s],
    ['image.digest=sha256:12', /image.digest.*pattern/s],
    ['networkPolicy.apiServerPorts[0]=0', /apiServerPorts.0/],
  ])('the value %s is refused, and named', async (set, words) => {
    await expect(helm(name, 'template', 'berth', CHART, '--set', set)).rejects.toThrow(words);
  });

  test('the static manifest is what the chart says', async () => {
    expect(installManifest(HELMS[name]) === readFileSync(INSTALL_MANIFEST, 'utf8')).toBe(true);
  });
});

describe('by default', () => {
  test('two replicas run as restricted pods, spread, and are not drained at once', async () => {
    const all = await rendered();
    const { spec } = deploymentOf(all);
    const pod = spec.template.spec;
    expect(spec.replicas).toBe(2);
    expect(pod.enableServiceLinks).toBe(false); // BERTH_WEBHOOK_PORT would be the Service's
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.topologySpreadConstraints).toHaveLength(2);
    expect(pod.priorityClassName).toBe('system-cluster-critical');
    expect(find(all, 'PodDisruptionBudget')?.spec.minAvailable).toBe(1);
    expect(find(all, 'NetworkPolicy')?.spec.policyTypes).toEqual(['Ingress', 'Egress']);
  });

  test('the kinds, all of them, stay when the chart goes', async () => {
    const crds = (await rendered()).filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(crds).toHaveLength(13);
    expect(crds.every(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] === 'keep')).toBe(
      true,
    );
  });

  test('the operator takes the arguments it is given', async () => {
    const { spec } = deploymentOf(await rendered(['config.maxAttempts=5']));
    const { args, env } = spec.template.spec.containers[0];
    const environment = Object.fromEntries(
      env.map((it: { name: string; value?: string }) => [it.name, it.value]),
    );
    expect(parseConfig(args, environment)).toMatchObject({
      namespace: 'berth-system',
      userName: 'system:serviceaccount:berth-system:berth',
      admissionObjects: 'installed',
      maxAttempts: 5,
    });
  });

  test('policies and webhooks are there, for the account that Berth runs as', async () => {
    const all = await rendered(['serviceAccount.name=other', 'kubevirt.namespace=kv']);
    const policies = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    const bound = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    expect(bound.map(({ spec }) => spec.policyName).sort()).toEqual(
      policies.map((it) => it.metadata.name).sort(),
    );
    const text = JSON.stringify(policies);
    expect(text).toContain("'system:serviceaccount:berth-system:other'");
    expect(text).toContain("'system:serviceaccount:kv:kubevirt-controller'");
    expect(find(all, 'MutatingWebhookConfiguration')?.webhooks).toHaveLength(5);
  });

  test('nothing is asked of kinds that a cluster may not have', async () => {
    const groups = (await rendered()).map(({ apiVersion }) => apiVersion.split('/')[0]);
    expect(groups.filter((it) => /cert-manager|monitoring/.test(it ?? ''))).toEqual([]);
  });
});

describe('settings reach the operator as written', () => {
  test.each<[string, Partial<Config>]>([
    ['cpuAllocationRatio: 16', { cpuAllocationRatio: 16 }],
    ['cpuAllocationRatio: 1.5', { cpuAllocationRatio: 1.5 }],
    ['resizeConfirmWindow: 2592000', { resizeConfirmWindow: 2592000 }],
    [
      'imageSource: [docker://quay.io, https://a.b/c]',
      { imageSource: ['docker://quay.io', 'https://a.b/c'] },
    ],
    [
      'prometheusQuery: ["load=max(a, b)", "io=rate(x[5m])"]',
      { prometheusQuery: ['load=max(a, b)', 'io=rate(x[5m])'] },
    ],
    ['taskDeadline: [Spawning=900]', { taskDeadline: ['Spawning=900'] }],
    ['logFormat: text', { logFormat: 'text' }],
  ])('%s', async (line, expected) => {
    const set = JSON.stringify(parse(line));
    const { spec } = deploymentOf(await rendered([], 'Helm 4', ['--set-json', `config=${set}`]));
    const env = spec.template.spec.containers[0].env as { name: string; value?: string }[];
    const environment = Object.fromEntries(env.map((it) => [it.name, it.value]));
    expect(parseConfig([], environment)).toMatchObject(expected);
  });
});

describe('with options', () => {
  test('cert-manager makes the certificate, and its bundle is injected', async () => {
    const all = await rendered(['admission.certificates=cert-manager']);
    expect(find(all, 'Certificate', 'berth-webhook')?.spec.dnsNames).toEqual([
      'berth-webhook.berth-system.svc',
    ]);
    expect(find(all, 'MutatingWebhookConfiguration')?.metadata.annotations).toEqual({
      'cert-manager.io/inject-ca-from': 'berth-system/berth-webhook',
    });
    expect(find(all, 'Secret', 'berth-webhook-certificates')).toBeUndefined();
    const { spec } = deploymentOf(all);
    expect(spec.template.spec.containers[0].args).toContain('--certificate-dir=/certificates');
    expect(find(all, 'Issuer', 'berth-selfsigned')).toBeDefined();
    const given = await rendered([
      'admission.certificates=cert-manager',
      'admission.certManager.issuerRef.name=ours',
    ]);
    expect(find(given, 'Certificate', 'berth-webhook')?.spec.issuerRef).toEqual({ name: 'ours' });
    expect(find(given, 'Issuer', 'berth-selfsigned')).toBeUndefined();
  });

  test('alerts have a runbook each, and ask for metrics that there are', async () => {
    const all = await rendered([
      'metrics.prometheusRule.enabled=true',
      'metrics.serviceMonitor.enabled=true',
    ]);
    expect(find(all, 'ServiceMonitor')?.spec.endpoints[0].port).toBe('metrics');
    const rules = find(all, 'PrometheusRule')?.spec.groups[0].rules as Rule[];
    const runbooks = readFileSync(join(ROOT, 'docs/runbooks.md'), 'utf8');
    for (const { alert, annotations, labels } of rules) {
      expect(runbooks).toMatch(new RegExp(`^## ${alert}$`, 'm'));
      expect(annotations.runbook_url).toMatch(new RegExp(`#${alert.toLowerCase()}$`));
      expect(['critical', 'warning']).toContain(labels.severity);
    }
    expect(promcheck('rules', JSON.stringify(find(all, 'PrometheusRule')?.spec))).toEqual([]);
    const known = await metricNames();
    expect(rules.flatMap(({ expr }) => metricsIn(expr)).filter((it) => !known.has(it))).toEqual([]);
  });

  test('the dashboard is JSON, and asks for metrics that there are', async () => {
    const all = await rendered(['metrics.dashboard.enabled=true']);
    const dashboard = JSON.parse(find(all, 'ConfigMap', 'berth-dashboard')?.data['berth.json']) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const known = await metricNames();
    const used = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    expect(used.length).toBeGreaterThan(8);
    expect(used.filter((it) => !known.has(it))).toEqual([]);
  });

  test('samples are made after the kinds, and only where there is none', async () => {
    const all = await rendered(['samples.flavors=true', 'samples.schedulerProfile=true']);
    const samples = all.filter(({ kind }) => ['Flavor', 'SchedulerProfile'].includes(kind));
    expect(samples).toHaveLength(5);
    const hooks = samples.map(({ metadata }) => metadata.annotations?.['helm.sh/hook']);
    expect(new Set(hooks)).toEqual(new Set(['post-install,post-upgrade']));
  });

  test('what is switched off is not there', async () => {
    const all = await rendered([
      ...['crds.install=false', 'rbac.people=false', 'uninstall.releaseGuests=false'],
      ...['networkPolicy.enabled=false', 'podDisruptionBudget.enabled=false'],
    ]);
    const kinds = all.map(({ kind, metadata: { name } }) => `${kind} ${name}`);
    expect(
      kinds.filter((it) => /CustomRes|NetworkP|Disruption|Job|berth-(viewer|operator)/.test(it)),
    ).toEqual([]);
    expect(kinds).toContain('ClusterRole berth');
  });
});

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { runbook_url: string };
}

/** Those that the operator has at once, and those of the page that lists all. */
async function metricNames(): Promise<Set<string>> {
  const page = await new PrometheusTelemetry().page.render();
  const shown = [...page.matchAll(/^# TYPE (\S+) (\S+)/gm)];
  const listed = [...readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8').matchAll(/`([a-z_]+)`/g)];
  const names = [...shown, ...listed].map((it) => it[1] ?? '');
  return new Set(names.flatMap((it) => [it, `${it}_count`, `${it}_sum`, `${it}_bucket`]));
}

const metricsIn = (expr: string): string[] =>
  expr.match(
    /\b(berth|controller_runtime|workqueue|rest_client|leader_election|reflector|nodejs|process)_[a-z_]+/g,
  ) ?? [];
