import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AdmissionHandler, BadReview, deny, parseReview, reviewOf } from './admission.ts';
import { listen } from './listen.ts';
import type { Logger } from './logger.ts';
import { aborted, type Runnable } from './runnable.ts';
import { sleep } from './sleep.ts';

export interface ServingCertificate {
  /** PEM. */
  cert: string;
  key: string;
}

export interface WebhookOptions {
  logger: Logger;
  /** 0: any free port. */
  port: number;
  host?: string;
  /** How long it goes on serving once it is to end: whoever leads calls here hears of that later. 0 unless set. */
  lingerMs?: number;
}

/** An object and its former self, each at most what etcd takes, and room for the rest. */
const bodyLimitBytes = 8 * 1024 * 1024;

/** Gives the API server's last calls time to end. */
const drainMs = 5_000;

/** The HTTPS server that the API server asks for admission. */
export class WebhookServer implements Runnable {
  readonly name = 'webhook';
  readonly #handlers = new Map<string, AdmissionHandler>();
  readonly #options: WebhookOptions;
  readonly #logger: Logger;
  readonly #server: Server;
  #serving = false;
  #ending = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ module: 'webhook' });
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  handle(path: string, handler: AdmissionHandler): void {
    if (this.#handlers.has(path)) throw new Error(`webhook path ${path} has a handler already`);
    this.#handlers.set(path, handler);
  }

  /** For new connections; those that are open keep what they began with. */
  useCertificate(certificate: ServingCertificate): void {
    this.#server.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' });
  }

  /** Resolves with the port once it listens. */
  async listen(): Promise<number> {
    const port = await listen(this.#server, this.#options.port, this.#options.host);
    this.#serving = true;
    this.#logger.info({ port }, 'webhook listens');
    return port;
  }

  async run(stop: AbortSignal): Promise<void> {
    if (!this.#server.listening) await this.listen();
    await aborted(stop);
    this.#ending = true;
    await sleep(this.#options.lingerMs ?? 0);
    await this.close();
  }

  async close(): Promise<void> {
    this.#serving = false;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const force = setTimeout(() => this.#server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(force);
  }

  trouble(): string | undefined {
    return this.#serving ? undefined : 'webhook: does not listen';
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const handler = this.#handlers.get(new URL(request.url ?? '/', 'https://webhook').pathname);
      if (!handler) return reply(response, 404, { message: 'no such webhook' });
      if (request.method !== 'POST') return reply(response, 405, { message: 'POST an AdmissionReview' });
      if (this.#ending) response.setHeader('connection', 'close'); // the next call goes to another replica
      reply(response, 200, await this.#review(await bodyOf(request), handler));
    } catch (error) {
      const bad = error instanceof BadReview;
      if (!bad) this.#logger.warn({ err: error }, 'admission request broke off');
      reply(response, bad ? 400 : 500, { message: error instanceof Error ? error.message : 'unknown error' });
    }
  }

  /** A handler that throws refuses: what cannot be judged must not slip through. */
  async #review(body: string, handler: AdmissionHandler): Promise<object> {
    const request = parseReview(body);
    try {
      return reviewOf(request.uid, await handler(request));
    } catch (error) {
      const { kind, namespace, name } = request;
      this.#logger.error({ err: error, kind: kind?.kind, namespace, name }, 'admission handler failed');
      const reason = error instanceof Error ? error.message : String(error);
      return reviewOf(request.uid, deny(`berth's admission webhook failed: ${reason}`, 500));
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > bodyLimitBytes) throw new BadReview(`the body is larger than ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, code: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
