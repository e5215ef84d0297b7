import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { Connections, type Lane } from './connections.ts';
import { type Credentials, readCredentials, tlsFingerprint } from './credentials.ts';
import { Exchange, type Receiver } from './exchange.ts';

export interface TransportOptions {
  /** Sockets for ordinary requests; each watch has one of its own besides. */
  maxSockets: number;
  userAgent: string;
}

export interface TransportRequest {
  method: string;
  /** With the query string. */
  path: string;
  body?: string;
  contentType?: string;
  signal?: AbortSignal;
  /** For the whole exchange, the wait for a connection included; a watch has none. */
  timeoutMs?: number;
  /** The longest silence within a body. */
  idleTimeoutMs?: number;
  lane?: Lane;
}

/** Service account tokens are replaced on disk; client-go too reads them again every minute. */
const credentialsMaxAgeMs = 60_000;
const retryReadingMs = 5_000;

/** HTTP to one API server over few connections that are kept alive, with credentials that are kept fresh. */
export class Transport {
  readonly #kubeConfig: KubeConfig;
  readonly #options: TransportOptions;
  readonly #basePath: string;
  readonly #server: string;
  #connections: Connections | undefined;
  #credentials: Credentials | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<Connections> | undefined;

  constructor(kubeConfig: KubeConfig, options: TransportOptions) {
    const server = kubeConfig.getCurrentCluster()?.server;
    if (!server) throw new Error('the kubeconfig has no current cluster');
    this.#kubeConfig = kubeConfig;
    this.#options = options;
    this.#server = server;
    this.#basePath = new URL(server).pathname.replace(/\/$/, '');
  }

  async send<T>(request: TransportRequest, receiver: Receiver<T>): Promise<T> {
    request.signal?.throwIfAborted();
    const fresh = performance.now() - this.#readAt < credentialsMaxAgeMs;
    const connections = (fresh && this.#connections) || (await this.#refresh());
    const exchange = new Exchange(`${request.method} ${request.path}`, receiver);
    return guard(exchange, request, () =>
      connections.lane(request.lane ?? 'normal').dispatch(this.#dispatchOptions(request), exchange),
    );
  }

  /** To be called when the API server no longer knows us (401): the next request reads the credentials again. */
  forgetCredentials(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  async close(): Promise<void> {
    await this.#connections?.destroy();
  }

  #refresh(): Promise<Connections> {
    this.#reading ??= this.#readOrKeep().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Credentials that cannot be read just now may still be good: what was read before serves on for a while. */
  async #readOrKeep(): Promise<Connections> {
    try {
      return await this.#readAgain();
    } catch (error) {
      if (!this.#connections) throw error;
      this.#readAt = performance.now() - credentialsMaxAgeMs + retryReadingMs;
      return this.#connections;
    }
  }

  async #readAgain(): Promise<Connections> {
    const credentials = await readCredentials(this.#kubeConfig);
    const before = this.#credentials;
    const same = before && tlsFingerprint(before) === tlsFingerprint(credentials);
    if (!same || !this.#connections) {
      void this.#connections?.retire();
      this.#connections = new Connections(
        this.#server,
        this.#kubeConfig,
        credentials.tls,
        this.#options.maxSockets,
      );
    }
    this.#credentials = credentials;
    this.#readAt = performance.now();
    return this.#connections;
  }

  #dispatchOptions(request: TransportRequest): Dispatcher.DispatchOptions {
    const headers: Record<string, string> = {
      accept: 'application/json, */*',
      'user-agent': this.#options.userAgent,
      ...this.#credentials?.headers,
    };
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    return {
      method: request.method,
      path: this.#basePath + request.path,
      body: request.body,
      headers,
      headersTimeout: 0,
      bodyTimeout: request.idleTimeoutMs ?? 0,
    };
  }
}

/** Runs an exchange under its caller's signal and its time limit, and leaves neither behind. */
async function guard<T>(exchange: Exchange<T>, request: TransportRequest, start: () => void): Promise<T> {
  const { signal, timeoutMs } = request;
  const abort = (): void => exchange.cancel(signal?.reason, true);
  const timeout = (): void => exchange.cancel(new Error(`no answer within ${timeoutMs} ms`), false);
  const timer = timeoutMs === undefined ? undefined : setTimeout(timeout, timeoutMs);
  signal?.addEventListener('abort', abort);
  try {
    start();
    return await exchange.result;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
