import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Logger, silentLogger } from '#runtime/logger.ts';
import { PrometheusMetrics } from './metrics-feed.ts';
import { queryByNode } from './query.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let answer: Answer;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prometheus/`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const vector = (...samples: [labels: Record<string, string>, value: string][]): Answer =>
  saying(200, {
    status: 'success',
    data: { resultType: 'vector', result: samples.map(([metric, value]) => ({ metric, value: [1, value] })) },
  });
function saying(status: number, body: object): Answer {
  return (_, response) => void response.writeHead(status).end(JSON.stringify(body));
}
const ask = (query = 'load') => queryByNode({ url }, query, 'node', AbortSignal.timeout(5_000));

describe('a query', () => {
  test('is answered by node; what is no number, of no node, or of one twice is left out', async () => {
    answer = vector(
      [{ node: 'a', cpu: '1' }, '0.5'],
      [{ node: 'b' }, 'NaN'],
      [{ node: 'c' }, '+Inf'],
      [{}, '1'],
      [{ node: 'd', cpu: '1' }, '1'],
      [{ node: 'd', cpu: '2' }, '1'],
    );
    expect(Object.fromEntries(await ask())).toEqual({ a: 0.5 });
  });

  test('goes to the API below the URL, as it is written', async () => {
    let asked: string | undefined;
    answer = (request, response) => {
      asked = request.url;
      vector()(request, response);
    };
    await ask('sum by (node) (rate(x{a="b"}[5m])) + 1');
    const { pathname, searchParams } = new URL(asked ?? '', url);
    expect(pathname).toBe('/prometheus/api/v1/query');
    expect(searchParams.get('query')).toBe('sum by (node) (rate(x{a="b"}[5m])) + 1');
  });

  test('carries the token that is in the file now', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-token-'));
    const tokenFile = join(folder, 'token');
    const tokens: (string | undefined)[] = [];
    answer = (request, response) => {
      tokens.push(request.headers.authorization);
      vector()(request, response);
    };
    for (const token of ['one\n', 'two\n']) {
      await writeFile(tokenFile, token);
      await queryByNode({ url, tokenFile }, 'load', 'node', AbortSignal.timeout(5_000));
    }
    await rm(folder, { recursive: true });
    expect(tokens).toEqual(['Bearer one', 'Bearer two']);
  });

  test.each([
    ['an error', saying(422, { status: 'error', error: 'bad query' }), /422.*bad query/],
    ['another type', saying(200, { status: 'success', data: { resultType: 'scalar' } }), /no instant vector/],
    ['no JSON', (_: unknown, response: ServerResponse) => void response.end('<html>'), /JSON/],
  ] as const)('fails with %s', async (_, given, message) => {
    answer = given as Answer;
    await expect(ask()).rejects.toThrow(message);
  });
});

describe('the feed', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  function feed(intervalMs: number, logger: Logger = silentLogger): PrometheusMetrics {
    const queries = new Map([
      ['load', 'load'],
      ['heat', 'heat'],
    ]);
    const metrics = new PrometheusMetrics({ url, queries, nodeLabel: 'node', intervalMs, logger });
    const stop = new AbortController();
    const running = metrics.run(stop.signal);
    stops.push(() => {
      stop.abort();
      return running;
    });
    return metrics;
  }
  const byQuery = (answers: Record<string, Answer>) => {
    answer = (request, response) => {
      const query = new URL(request.url ?? '', url).searchParams.get('query') ?? '';
      answers[query]?.(request, response);
    };
  };

  test('tells what changed; a query that hangs holds up no other and expires by itself', async () => {
    byQuery({ load: vector([{ node: 'a' }, '1']), heat: vector([{ node: 'a' }, '40']) });
    const metrics = feed(100);
    const told: string[] = [];
    metrics.onChange((nodes) => told.push(...nodes));
    await vi.waitFor(() => expect(metrics.of('a')).toEqual({ load: 1, heat: 40 }));
    expect(told).toEqual(['a']);
    byQuery({ load: vector([{ node: 'a' }, '2']), heat: () => {} });
    await vi.waitFor(() => expect(metrics.of('a')).toEqual({ load: 2, heat: 40 }));
    await vi.waitFor(() => expect(metrics.of('a')).toEqual({ load: 2 }), 5_000);
    byQuery({ load: vector([{ node: 'a' }, '2']), heat: vector([{ node: 'a' }, '50']) });
    await vi.waitFor(() => expect(metrics.of('a')).toEqual({ load: 2, heat: 50 }), 5_000);
  });

  test('ends while a query hangs', async () => {
    const asked = Promise.withResolvers<void>();
    answer = () => asked.resolve();
    feed(60_000);
    await asked.promise;
  });
});
