import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import { aborted, type Runnable } from './runnable.ts';

/** Undefined when all is well, else what is not. */
export type Check = () => string | undefined;

/** Text to serve under a path of its own, such as Prometheus metrics. */
export interface Page {
  contentType: string;
  render: () => string | Promise<string>;
}

/** /healthz (restart me when it fails), /readyz (send me no requests while it fails), and pages such as /metrics. */
export class HealthServer implements Runnable {
  readonly name = 'health';
  readonly #checks = { '/healthz': new Map<string, Check>(), '/readyz': new Map<string, Check>() };
  readonly #pages = new Map<string, Page>();
  readonly #port: number;
  readonly #host: string | undefined;
  readonly #server: Server;

  constructor(options: { port: number; host?: string }) {
    this.#port = options.port;
    this.#host = options.host;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  addLiveness(name: string, check: Check): void {
    this.#checks['/healthz'].set(name, check);
  }

  addReadiness(name: string, check: Check): void {
    this.#checks['/readyz'].set(name, check);
  }

  addPage(path: string, page: Page): void {
    this.#pages.set(path, page);
  }

  listen(): Promise<number> {
    return listen(this.#server, this.#port, this.#host);
  }

  async run(stop: AbortSignal): Promise<void> {
    if (!this.#server.listening) await this.listen();
    await aborted(stop);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const page = this.#pages.get(path);
    if (path === '/healthz' || path === '/readyz') return send(response, report(this.#checks[path]));
    if (!page) return send(response, { code: 404, text: 'not found\n' });
    try {
      send(response, { code: 200, text: await page.render(), contentType: page.contentType });
    } catch (error) {
      send(response, { code: 500, text: `${error instanceof Error ? error.message : error}\n` });
    }
  }
}

interface Reply {
  code: number;
  text: string;
  contentType?: string;
}

function report(checks: Map<string, Check>): Reply {
  const lines = [...checks].map(([name, check]) => ({ name, problem: check() }));
  const text = lines
    .map(({ name, problem }) => (problem ? `[-]${name} ${problem}\n` : `[+]${name} ok\n`))
    .join('');
  return { code: lines.some((line) => line.problem) ? 503 : 200, text: text || 'ok\n' };
}

function send(
  response: ServerResponse,
  { code, text, contentType = 'text/plain; charset=utf-8' }: Reply,
): void {
  response.writeHead(code, { 'content-type': contentType });
  response.end(text);
}
