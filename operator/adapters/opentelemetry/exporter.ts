import { request } from 'undici';
import type { Span, Tracer } from '#ports/tracer.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Runnable } from '#runtime/runnable.ts';
import { sleep } from '#runtime/sleep.ts';
import { exportRequest, type OtlpSpan, otlpSpan } from './otlp.ts';

export interface OtlpOptions {
  /** Where the collector's OTLP over HTTP is, such as `http://collector:4318`; `/v1/traces` comes after it. */
  readonly url: string;
  /** The replica that sends. */
  readonly instance: string;
  readonly logger: Logger;
}

const EVERY_MS = 2_000;
const TIMEOUT_MS = 5_000;
/** What is kept while the collector is away: some minutes of a busy fleet, a few MiB. */
const MOST_KEPT = 8_192;
const MOST_AT_ONCE = 512;

/** Sends spans to an OpenTelemetry collector, some at a time. While it does not take them the oldest go, and that is said. */
export class OtlpExporter implements Tracer, Runnable {
  readonly name = 'traces';
  readonly #url: string;
  readonly #resource: Readonly<Record<string, string>>;
  readonly #logger: Logger;
  #kept: OtlpSpan[] = [];
  #lost = 0;
  #fails = false;

  constructor({ url, instance, logger }: OtlpOptions) {
    this.#url = `${url.replace(/\/+$/, '')}/v1/traces`;
    this.#resource = { 'service.name': 'berth', 'service.instance.id': instance };
    this.#logger = logger.child({ module: 'traces' });
  }

  ended(span: Span): void {
    this.#kept.push(otlpSpan(span));
    const tooMany = this.#kept.length - MOST_KEPT;
    if (tooMany <= 0) return;
    this.#kept.splice(0, tooMany);
    this.#lost += tooMany;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await sleep(EVERY_MS, stop).catch(() => {});
      await this.#flush();
    }
    await this.#flush(); // what was told of during the last one
  }

  async #flush(): Promise<void> {
    while (this.#kept.length > 0) {
      const some = this.#kept.slice(0, MOST_AT_ONCE);
      const trouble = await this.#send(some);
      this.#tell(trouble);
      if (trouble !== undefined) return;
      const sent = new Set(some);
      this.#kept = this.#kept.filter((it) => !sent.has(it));
    }
  }

  async #send(spans: readonly OtlpSpan[]): Promise<string | undefined> {
    try {
      const { statusCode, body } = await request(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(exportRequest(spans, this.#resource)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await body.text();
      return statusCode < 300 ? undefined : `HTTP ${statusCode}: ${text.slice(0, 200)}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Once when it begins to fail, and once when it is well again. */
  #tell(trouble: string | undefined): void {
    const fails = trouble !== undefined;
    if (fails && !this.#fails) this.#logger.warn({ url: this.#url, trouble }, 'the collector takes no spans');
    if (!fails && this.#fails) this.#logger.info({ lost: this.#lost }, 'the collector takes spans again');
    if (!fails) this.#lost = 0;
    this.#fails = fails;
  }
}
