import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, type Status } from './errors.ts';
import type { Receiver } from './exchange.ts';
import { LineSplitter } from './lines.ts';

function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number.parseInt(headers['retry-after'] ?? '', 10);
  return Number.isNaN(seconds) ? undefined : seconds;
}

function textOf(chunks: Buffer[]): string {
  const [first] = chunks;
  return chunks.length === 1 && first ? first.toString('utf8') : Buffer.concat(chunks).toString('utf8');
}

function statusOf(text: string): Status {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as Status;
  } catch {
    // Not from the API server itself: a proxy's page, or plain text such as "too many requests".
  }
  return { message: text.slice(0, 500) };
}

/** The error that an answer stands for. */
function refusal(what: string, code: number, headers: IncomingHttpHeaders, chunks: Buffer[]): ApiError {
  return new ApiError(code, statusOf(textOf(chunks)), what, retryAfter(headers));
}

/** Takes one JSON document, or a plain text; a status of 400 or more becomes an ApiError. Another body, or none, is undefined. */
export class DocumentReceiver implements Receiver<unknown> {
  readonly #what: string;
  readonly #chunks: Buffer[] = [];
  #code = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(what: string) {
    this.#what = what;
  }

  onHead(code: number, headers: IncomingHttpHeaders): void {
    this.#code = code;
    this.#headers = headers;
  }

  onData(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onEnd(): unknown {
    if (this.#code >= 400) throw refusal(this.#what, this.#code, this.#headers, this.#chunks);
    if (this.#chunks.length === 0) return undefined;
    const type = this.#headers['content-type'] ?? '';
    if (type.startsWith('text/plain')) return textOf(this.#chunks);
    return type.startsWith('application/json') ? JSON.parse(textOf(this.#chunks)) : undefined;
  }
}

/** Hands on each line of a stream; a status of 400 or more becomes an ApiError. */
export class LinesReceiver implements Receiver<void> {
  readonly #what: string;
  readonly #lines: LineSplitter;
  readonly #onOpen: () => void;
  readonly #refused: Buffer[] = [];
  #code = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(what: string, onOpen: () => void, onLine: (line: string) => void) {
    this.#what = what;
    this.#onOpen = onOpen;
    this.#lines = new LineSplitter(onLine);
  }

  onHead(code: number, headers: IncomingHttpHeaders): void {
    this.#code = code;
    this.#headers = headers;
    if (code < 400) this.#onOpen();
  }

  onData(chunk: Buffer): void {
    if (this.#code >= 400) this.#refused.push(chunk);
    else this.#lines.push(chunk);
  }

  onEnd(): void {
    if (this.#code >= 400) throw refusal(this.#what, this.#code, this.#headers, this.#refused);
  }
}
