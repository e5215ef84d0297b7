import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { OtlpSpan } from '#adapters/opentelemetry/otlp.ts';
import type { Instance } from '#api/instance.ts';
import { SCHEDULER_PROFILE, type SchedulerProfile } from '#api/schedulerprofile.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';
import { promcheck } from '#test/promcheck.ts';

const WAIT = { timeout: 45_000, interval: 100 };

/** What is asked of Prometheus: a load for each node, or no answer at all. */
let loads: Record<string, number> | 'hangs' = {};
let prometheus: Server;
let collector: Server;
/** Spans that the collector got. */
const spans: OtlpSpan[] = [];
let berth: Berth;

beforeAll(async () => {
  prometheus = createServer((_, response) => {
    if (loads === 'hangs') return;
    const result = Object.entries(loads).map(([node, load]) => ({
      metric: { node },
      value: [0, String(load)],
    }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  }).listen(0, '127.0.0.1');
  await once(prometheus, 'listening');
  collector = createServer(async (asked, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk);
    spans.push(...JSON.parse(Buffer.concat(chunks).toString()).resourceSpans[0].scopeSpans[0].spans);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const url = `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`;
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 1 });
  await berth.operator('metrics', [
    ...['--prometheus-url', url, '--prometheus-interval', '1'],
    ...['--prometheus-query', 'load=sum by (node) (node_load5)'],
    ...['--otlp-url', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`],
  ]);
  await profile('idlest', { weighers: [{ name: 'MetricsWeigher', args: { weightSetting: ['load=-1'] } }] });
  await profile('measured', { filters: [{ name: 'MetricsFilter', args: { weightSetting: ['load=1'] } }] });
});
afterAll(async () => {
  await berth?.stop();
  for (const server of [prometheus, collector]) {
    server.closeAllConnections();
    server.close();
  }
});

async function profile(name: string, spec: object): Promise<void> {
  await berth.client.create(SCHEDULER_PROFILE, { metadata: { name }, spec: { weighers: [], ...spec } });
  await vi.waitFor(async () => {
    const { status } = await berth.client.get<SchedulerProfile>(SCHEDULER_PROFILE, name);
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('InForce');
  }, WAIT);
}

let made = 0;
/** Where new Instances go, again and again, until one goes where it should: the metrics are seen some time. */
const untilNewOnesGoTo = (schedulerProfile: string, holds: (instance: Instance) => void) =>
  vi.waitFor(async () => {
    const name = `m-${++made}`;
    await berth.create(name, { ...EPHEMERAL, schedulerProfile });
    const decided = await berth.until(name, ({ status }) => status?.placement !== undefined);
    await berth.delete(name);
    holds(decided);
  }, WAIT);

test('each request has a trace under its own UUID: the operation, and in it the task states and what was done', async () => {
  await berth.create('traced');
  const { status } = await berth.active('traced');
  const [created] = status?.lastOperations ?? [];
  const traceId = created?.requestId.replace('req-', '').replaceAll('-', '');
  const trace = await vi.waitFor(() => {
    const all = spans.filter((it) => it.traceId === traceId);
    expect(all.map(({ name }) => name)).toContain('Create');
    return all;
  }, WAIT);
  const operation = trace.find(({ name }) => name === 'Create');
  const parts = trace.filter((it) => it !== operation);
  expect(parts.map(({ name }) => name)).toEqual(expect.arrayContaining(['claim', 'createVm', 'Spawning']));
  for (const part of parts) expect(part.parentSpanId).toBe(operation?.spanId);
  const text = (key: string) => operation?.attributes.find((it) => it.key === key)?.value.stringValue;
  expect([text('k8s.namespace.name'), text('berth.instance.name'), text('berth.result')]).toEqual([
    'default',
    'traced',
    'Succeeded',
  ]);
});

test('the node of the least load is chosen, by what Prometheus says now', async () => {
  loads = { 'node-001': 9, 'node-002': 1, 'node-003': 5 };
  await untilNewOnesGoTo('idlest', ({ status }) => expect(status?.placement?.nodeName).toBe('node-002'));
  loads = { 'node-001': 9, 'node-002': 7, 'node-003': 5 };
  await untilNewOnesGoTo('idlest', ({ status }) => {
    expect(status?.placement?.nodeName).toBe('node-003');
    expect(status?.placement?.weighers).toContainEqual(
      expect.objectContaining({ name: 'MetricsWeigher', raw: -5 }),
    );
  });
});

test('a node without the metric is turned away where a profile asks for it', async () => {
  loads = { 'node-003': 5 };
  await untilNewOnesGoTo('measured', ({ status }) =>
    expect(status?.placement?.filters).toContainEqual({
      name: 'MetricsFilter',
      passed: 1,
      rejected: [{ reason: 'MetricMissing', count: 2 }],
    }),
  );
});

test('Prometheus finds nothing wrong with the page of metrics', async () => {
  const page = (await berth.operators.at(-1)?.metricsPage()) ?? '';
  for (const name of ['berth_scheduling_attempts', 'workqueue_queue_duration_seconds'])
    expect(Number(new RegExp(`^${name}_count(?:{[^}]*})? (\\d+)$`, 'm').exec(page)?.[1])).toBeGreaterThan(0);
  expect(page).toMatch(/^reflector_watches_total\{name="instances"\} [1-9]/m);
  expect(promcheck('metrics', page)).toEqual([]);
});

test('a Prometheus that answers no more holds nothing up; its last answers expire', async () => {
  loads = 'hangs';
  await untilNewOnesGoTo('measured', ({ status }) => {
    expect(status?.placement?.nodeName).toBeUndefined();
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('metric missing 3');
  });
  await berth.create('unmeasured', EPHEMERAL);
  await berth.active('unmeasured');
});
