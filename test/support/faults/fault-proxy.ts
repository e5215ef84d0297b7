import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { kubeConfigOf } from '../cluster.ts';
import { type ApiRequest, apiRequest } from './api-request.ts';

/**
 * What is done to a request. `before`: the API server never sees it. `after`: it took effect, and nobody hears so.
 * An `act` runs at that moment, and the connection is cut then: a crash is one that kills the client.
 */
export type Fault =
  | { kind: 'delay'; ms: number }
  | { kind: 'refuse'; code: 409 | 429 | 500 }
  | { kind: 'cut'; when: 'before' | 'after'; act?: () => Promise<void> };

export interface Rule {
  matches(request: ApiRequest): boolean;
  /** Strikes the n-th request that matches, and as many as `times` from there on; the first alone unless given. */
  nth?: number;
  times?: number;
  fault: Fault;
  /** How many have matched so far. */
  seen?: number;
  /** How many were struck. */
  struck?: number;
}

const REASONS = { 409: 'Conflict', 429: 'TooManyRequests', 500: 'InternalError' } as const;

/**
 * In front of a cluster's API server: it passes everything on, but for what its rules say. It speaks plain HTTP on
 * loopback and is the administrator towards the API server.
 */
export class FaultProxy {
  readonly rules: Rule[] = [];
  /** Milliseconds by which the events of a resource's watches come late, so that other kinds overtake them. */
  readonly heldBack = new Map<string, number>();
  /** Sees every write that succeeded, with the answer. */
  onWritten: (request: ApiRequest, answer: unknown) => void = () => {};
  readonly #server: Server;
  readonly #upstream: RequestOptions;
  readonly #sockets = new Set<Socket>();
  kubeconfigPath = '';

  private constructor(upstream: RequestOptions) {
    this.#upstream = { ...upstream, agent: new Agent({ keepAlive: true, maxSockets: 256 }) };
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
    this.#server.keepAliveTimeout = 120_000;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async before(cluster: { dir: string; kubeconfigPath: string }): Promise<FaultProxy> {
    const kubeConfig = kubeConfigOf(cluster);
    const options: RequestOptions = {};
    await kubeConfig.applyToHTTPSOptions(options as never);
    const { hostname, port } = new URL(kubeConfig.getCurrentCluster()?.server ?? '');
    const { ca, cert, key } = options;
    const proxy = new FaultProxy({ hostname, port, ca, cert, key });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.kubeconfigPath = join(cluster.dir, 'through-proxy.kubeconfig');
    const { port: own } = proxy.#server.address() as AddressInfo;
    const text = readFileSync(cluster.kubeconfigPath, 'utf8')
      .replace(/server: \S+/, `server: http://127.0.0.1:${own}`)
      .replace(/certificate-authority(-data)?: \S+/, 'insecure-skip-tls-verify: true'); // plain HTTP is not allowed else
    writeFileSync(proxy.kubeconfigPath, text);
    return proxy;
  }

  /** Breaks off every connection, in the middle of whatever it carries. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
    (this.#upstream.agent as Agent).destroy();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(incoming);
    const request = apiRequest(incoming.method ?? 'GET', incoming.url ?? '/', parsed(body));
    const fault = this.#strike(request);
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === 'refuse') return refuse(response, fault.code);
    if (fault?.kind === 'cut' && fault.when === 'before') {
      await fault.act?.();
      incoming.socket.resetAndDestroy();
      return;
    }
    const answer = await this.#forward(incoming, body);
    if (request.verb === 'watch') return this.#stream(request.resource, answer, response);
    const bytes = await bytesOf(answer);
    if (!['get', 'list'].includes(request.verb) && (answer.statusCode ?? 500) < 300)
      this.onWritten(request, parsed(bytes));
    if (fault?.kind === 'cut') {
      await fault.act?.();
      incoming.socket.resetAndDestroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    response.end(bytes);
  }

  /** Every rule counts what it matches; the first that strikes decides. */
  #strike(request: ApiRequest): Fault | undefined {
    let fault: Fault | undefined;
    for (const rule of this.rules) {
      if (!rule.matches(request)) continue;
      rule.seen = (rule.seen ?? 0) + 1;
      const from = rule.nth ?? 1;
      if (fault || rule.seen < from || rule.seen >= from + (rule.times ?? 1)) continue;
      rule.struck = (rule.struck ?? 0) + 1;
      fault = rule.fault;
    }
    return fault;
  }

  #forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { connection, host, 'transfer-encoding': _, ...passed } = headers;
      const outgoing = httpsRequest({ ...this.#upstream, method, path: url, headers: passed }, resolve);
      outgoing.on('error', reject);
      outgoing.end(body.length > 0 ? body : undefined);
    });
  }

  /** Pieces stay in order; those of a kind that is held back are passed on late. */
  async #stream(resource: string, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    response.flushHeaders();
    response.once('close', () => answer.destroy());
    let passed = Promise.resolve();
    answer.on('data', (chunk: Buffer) => {
      const due = performance.now() + (this.heldBack.get(resource) ?? 0);
      passed = passed.then(() => until(due)).then(() => void response.write(chunk));
    });
    answer.once('end', () => passed.then(() => response.end()));
    answer.once('error', () => response.destroy());
  }
}

async function until(due: number): Promise<void> {
  const ms = due - performance.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parsed(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Headers that concern a connection are each connection's own. */
function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection, 'transfer-encoding': _, 'content-length': __, ...rest } = headers;
  return rest;
}

function refuse(response: ServerResponse, code: keyof typeof REASONS): void {
  const reason = REASONS[code];
  response.writeHead(code, {
    'content-type': 'application/json',
    ...(code === 429 && { 'retry-after': '0' }),
  });
  response.end(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      message: 'by the fault proxy',
      reason,
      code,
    }),
  );
}
