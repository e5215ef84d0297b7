import { execFile } from 'node:child_process';
import { request } from 'node:https';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AdmissionRequest, allow, deny } from '#runtime/admission.ts';
import { CertificateKeeper } from '#runtime/certificate-keeper.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { jsonPatch } from '#runtime/json-patch.ts';
import { silentLogger } from '#runtime/logger.ts';
import type { TrustSettings } from '#runtime/trust.ts';
import { secrets } from '#runtime/trust-secret.ts';
import { WebhookServer } from '#runtime/webhook.ts';
import { mutatingWebhooks, publishCaBundle } from '#runtime/webhook-configurations.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { TcpProxy } from '#test/tcp-proxy.ts';
import { type ConfigMap, configMap, configMaps } from './kinds.ts';

const dayMs = 86_400_000;

let cluster: Cluster;
let client: KubeClient;
let server: WebhookServer;
let port: number;
/** Between the API server and the webhook: what it cuts has to shake hands again, with the certificate of the day. */
let proxy: TcpProxy;
let bundle = '';
/** The keeper's clock, in days from now: it starts years ago, and the test turns it forward, never past now. */
let today = -2_000;

/** Certificates that become due by the keeper's clock, and are valid by the API server's all the time. */
const settings: Partial<TrustSettings> = {
  caValidMs: 10_000 * dayMs,
  caRenewBeforeMs: 9_000 * dayMs,
  overlapMs: dayMs,
  servingValidMs: 5_000 * dayMs,
  servingRenewBeforeMs: 4_900 * dayMs,
};

function newKeeper(onServing: (certificate: { cert: string; key: string }) => void) {
  return new CertificateKeeper({
    client,
    secret: 'default/webhook-certificates',
    dnsNames: ['127.0.0.1', 'berth.default.svc'],
    logger: silentLogger,
    settings,
    now: () => new Date(Date.now() + today * dayMs),
    onServing,
    onBundle: async (pem) => {
      bundle = pem;
      await publishCaBundle(client, mutatingWebhooks, 'berth', pem);
    },
  });
}

let keeper: CertificateKeeper;

beforeAll(async () => {
  cluster = await startCluster({ only: ['etcd', 'kube-apiserver'] });
  client = createClient(kubeConfigOf(cluster));
  server = new WebhookServer({ logger: silentLogger, port: 0, host: '127.0.0.1' });
  server.handle('/mutate', async (asked) => judge(asked as AdmissionRequest<ConfigMap>));
  port = await server.listen();
  proxy = await TcpProxy.before(`https://127.0.0.1:${port}`);
  await client.create(mutatingWebhooks, configuration());
  keeper = newKeeper((certificate) => server.useCertificate(certificate));
  await keeper.check();
});

afterAll(async () => {
  await server?.close();
  await proxy?.stop();
  await client?.close();
  await cluster?.stop();
});

async function judge({ object, operation }: AdmissionRequest<ConfigMap>) {
  const wish = object.data?.wish;
  if (wish === 'refused') return deny('data.wish: must not be "refused"; choose another');
  if (wish === 'broken') throw new Error('the handler is broken');
  const labels = { ...object.metadata.labels, 'berth.dev/by-webhook': operation.toLowerCase() };
  return allow(jsonPatch(object, { ...object, metadata: { ...object.metadata, labels } }), [
    'labelled by the webhook',
  ]);
}

function configuration() {
  const webhook = {
    name: 'mutate.berth.dev',
    clientConfig: { url: `${proxy.url}/mutate` },
    rules: [
      { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE', 'UPDATE'] },
    ],
    matchConditions: [{ name: 'ours', expression: '"wish" in object.?data.orValue({})' }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail',
    timeoutSeconds: 5,
  };
  return { metadata: { name: 'berth' }, webhooks: [webhook] };
}

let made = 0;

/** A config map made through the webhook, once the API server has heard of the configuration as it is now. */
async function through(wish: string): Promise<ConfigMap> {
  return client.create<ConfigMap>(configMaps, configMap(`wish-${made++}`, { wish }), { retry: false });
}

/** The API server hears of a changed configuration a moment later. */
async function inForce(): Promise<ConfigMap> {
  let object: ConfigMap | undefined;
  await vi.waitUntil(
    async () => {
      object = await through('granted').catch(() => undefined);
      return object?.metadata.labels?.['berth.dev/by-webhook'] === 'create';
    },
    { timeout: 20_000, interval: 100 },
  );
  return object!;
}

/** The certificate that the server shows to a new connection. */
function shown(): Promise<DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: bundle }, () => {
      resolve(socket.getPeerCertificate(true));
      socket.end();
    });
    socket.on('error', reject);
  });
}

describe('admission by the real API server', () => {
  test('patches', async () => {
    const object = await inForce();
    expect(object.metadata.labels).toEqual({ 'berth.dev/by-webhook': 'create' });
    const updated = await client.patch<ConfigMap>(
      configMaps,
      `default/${object.metadata.name}`,
      { data: { x: '1' } },
      { type: 'merge' },
    );
    expect(updated.metadata.labels?.['berth.dev/by-webhook']).toBe('update');
  });

  test('refuses with the handler’s own words', async () => {
    await inForce();
    await expect(through('refused')).rejects.toThrow(
      /denied the request: data\.wish: must not be "refused"; choose another/,
    );
    await expect(through('refused')).rejects.toMatchObject({ code: 403 });
  });

  test('a handler that throws refuses, and says that the webhook is at fault', async () => {
    await inForce();
    await expect(through('broken')).rejects.toThrow(
      /berth's admission webhook failed: the handler is broken/,
    );
  });

  test('kubectl shows warnings', async () => {
    await inForce();
    const { stderr } = await kubectlCreate();
    expect(stderr).toContain('Warning: labelled by the webhook');
  });

  function kubectlCreate(): Promise<{ stderr: string }> {
    const args = [
      '--kubeconfig',
      cluster.kubeconfigPath,
      'create',
      'configmap',
      'by-kubectl',
      '--from-literal=wish=x',
    ];
    return promisify(execFile)('bin/kubectl', args);
  }
});

describe('requests that are none', () => {
  const cases: Array<[string, string, string, number]> = [
    ['no such path', 'POST', '/nowhere', 404],
    ['not a POST', 'GET', '/mutate', 405],
    ['no JSON', 'POST', '/mutate', 400],
  ];

  test.each(cases)('%s', async (_, method, path, code) => {
    expect((await ask(method, path, 'not json')).code).toBe(code);
  });

  test('JSON that is not a review', async () => {
    const { code, body } = await ask('POST', '/mutate', '{"kind":"Pod"}');
    expect(code).toBe(400);
    expect(body).toContain('AdmissionReview');
  });

  test('a body without end', async () => {
    expect((await ask('POST', '/mutate', 'x'.repeat(9 * 1024 * 1024))).code).toBe(400);
  });
});

interface Answer {
  code: number;
  connection: string | undefined;
  body: string;
}

function ask(method: string, path: string, body: string, at = port): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const where = { port: at, host: '127.0.0.1', ca: bundle, method, path, agent: false } as const;
    const asking = request({ ...where, headers: { connection: 'keep-alive' } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const { connection } = response.headers;
      resolve({ code: response.statusCode ?? 0, connection, body: Buffer.concat(chunks).toString() });
    });
    asking.on('error', reject);
    asking.end(method === 'GET' ? undefined : body);
  });
}

test('told to end it answers on for a while, each call as the last of its connection; then no more', async () => {
  const ending = new WebhookServer({ logger: silentLogger, port: 0, host: '127.0.0.1', lingerMs: 3_000 });
  ending.handle('/mutate', async () => allow([]));
  const at = await ending.listen();
  await newKeeper((certificate) => ending.useCertificate(certificate)).check();
  const stop = new AbortController();
  const ended = ending.run(stop.signal);
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'one' } };
  const call = () => ask('POST', '/mutate', JSON.stringify(review), at);
  expect(await call()).toMatchObject({ code: 200, connection: 'keep-alive' });
  stop.abort();
  expect(await call()).toMatchObject({ code: 200, connection: 'close' });
  await ended;
  await expect(call()).rejects.toThrow('ECONNREFUSED');
});

describe('certificates', () => {
  /** A call on a connection that was not there before. */
  async function throughAnew(): Promise<void> {
    const before = proxy.accepted;
    proxy.cut();
    await vi.waitUntil(() => proxy.open === 0);
    await inForce();
    expect(proxy.accepted).toBeGreaterThan(before);
  }

  test('are renewed while it runs, by the same authority; new calls go through', async () => {
    const before = await shown();
    today += 200;
    await keeper.check();
    const after = await shown();
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(after.issuerCertificate.fingerprint256).toBe(before.issuerCertificate.fingerprint256);
    await throughAnew();
  });

  test('the authority changes with an overlap; not one call fails', async () => {
    const before = await shown();
    let stop = false;
    let calls = 0;
    const calling = (async () => {
      for (; !stop; calls++) await through('granted');
    })();
    today += 1_100;
    await keeper.check();
    expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect((await shown()).issuerCertificate.fingerprint256).toBe(before.issuerCertificate.fingerprint256);
    const callsSoFar = calls;
    await vi.waitUntil(() => calls > callsSoFar + 50, { timeout: 20_000 });
    today += 2;
    await keeper.check();
    const after = await shown();
    expect(after.issuerCertificate.fingerprint256).not.toBe(before.issuerCertificate.fingerprint256);
    const callsThen = calls;
    await vi.waitUntil(() => calls > callsThen + 50, { timeout: 20_000 });
    stop = true;
    await calling;
    await throughAnew();
  });

  test('two replicas that start at once agree on one authority', async () => {
    await client.delete(secrets, 'default/webhook-certificates');
    const served: string[] = [];
    const replicas = Array.from({ length: 5 }, () => newKeeper(({ cert }) => served.push(cert)));
    await Promise.all(replicas.map((replica) => replica.check()));
    expect(served).toHaveLength(5);
    expect(new Set(served).size).toBe(1);
    await keeper.check();
    await throughAnew();
  });

  test('a bundle that someone else took out of the configuration is put back', async () => {
    const operations = [{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }];
    await client.patch(mutatingWebhooks, 'berth', operations, { type: 'json' });
    await keeper.check();
    await inForce();
    const before = (await client.get(mutatingWebhooks, 'berth')).metadata.resourceVersion;
    await keeper.check();
    expect((await client.get(mutatingWebhooks, 'berth')).metadata.resourceVersion).toBe(before);
  });
});
