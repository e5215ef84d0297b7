import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Span } from '#ports/tracer.ts';
import { silentLogger } from '#runtime/logger.ts';
import { OtlpExporter } from './exporter.ts';
import { type OtlpSpan, otlpSpan } from './otlp.ts';

let collector: Server;
let url: string;
let answer = 200;
let refused = 0;
let received: { path: string | undefined; spans: OtlpSpan[] }[] = [];

beforeAll(async () => {
  collector = createServer(async (asked, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk);
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString());
    if (answer === 200) received.push({ path: asked.url, spans: resourceSpans[0].scopeSpans[0].spans });
    else refused++;
    response.writeHead(answer).end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
});
afterAll(() => {
  collector.closeAllConnections();
  collector.close();
});

const SPAN: Span = {
  requestId: 'req-6fa459ea-ee8a-4ca4-894e-db77e160355e',
  instanceUid: '00000000-0000-4000-8000-000000000001',
  kind: 'operation',
  name: 'Create',
  start: new Date('2026-01-02T03:04:05.678Z'),
  end: new Date('2026-01-02T03:04:06Z'),
  attributes: { 'berth.result': 'Succeeded', 'berth.source_node': undefined },
};

test('a trace has the request’s UUID for its id; the operation is the parent of its parts', () => {
  const operation = otlpSpan(SPAN);
  expect(operation).toEqual({
    traceId: '6fa459eaee8a4ca4894edb77e160355e',
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    name: 'Create',
    kind: 1,
    startTimeUnixNano: '1767323045678000000',
    endTimeUnixNano: '1767323046000000000',
    attributes: [
      { key: 'berth.request_id', value: { stringValue: SPAN.requestId } },
      { key: 'berth.result', value: { stringValue: 'Succeeded' } },
    ],
    status: { code: 0 },
  });
  const part = otlpSpan({ ...SPAN, kind: 'part', name: 'createVm', error: 'forbidden' });
  expect(part).toMatchObject({ traceId: operation.traceId, parentSpanId: operation.spanId });
  expect(part.spanId).not.toBe(operation.spanId);
  expect(part.status).toEqual({ code: 2, message: 'forbidden' });
});

test('spans are sent, kept while the collector refuses them, and the last ones sent at the end', async () => {
  const exporter = new OtlpExporter({ url, instance: 'berth-0', logger: silentLogger });
  const stop = new AbortController();
  const ended = exporter.run(stop.signal);
  const names = () => received.flatMap(({ spans }) => spans.map(({ name }) => name));
  exporter.ended(SPAN);
  await vi.waitFor(() => expect(names()).toEqual(['Create']), 10_000);
  expect(received[0]?.path).toBe('/v1/traces');
  received = [];
  answer = 503;
  exporter.ended({ ...SPAN, name: 'Stop' });
  await vi.waitFor(() => expect(refused).toBeGreaterThan(0), 10_000);
  for (let index = 0; index < 9_000; index++) exporter.ended({ ...SPAN, name: 'Start' });
  answer = 200;
  exporter.ended({ ...SPAN, name: 'Delete' });
  stop.abort();
  await ended;
  expect(names()).toHaveLength(8_192);
  expect(names()).not.toContain('Stop'); // the oldest go first
  expect(names().at(-1)).toBe('Delete');
});
