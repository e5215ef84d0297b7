import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { TransportError } from './errors.ts';

/** Receives the answer to one request. `onData` sees each piece of the body as it arrives. */
export interface Receiver<T> {
  onHead(status: number, headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): T;
}

/**
 * One request on undici's lowest interface, which costs neither a stream nor a body mixin. The promise rejects at once
 * when the signal aborts or the time is over, also while the request still waits for a free connection.
 */
export class Exchange<T> implements Dispatcher.DispatchHandler {
  readonly #what: string;
  readonly #receiver: Receiver<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #ended: Error | undefined;
  readonly result: Promise<T>;

  constructor(what: string, receiver: Receiver<T>) {
    this.#what = what;
    this.#receiver = receiver;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Gives up. `reason` is thrown as it is when it is the caller's own, else as a TransportError. */
  cancel(reason: unknown, byCaller: boolean): void {
    const sent = this.#controller !== undefined;
    this.#ended = reason instanceof Error ? reason : new Error(String(reason));
    this.#reject(byCaller ? reason : new TransportError(this.#what, sent, reason));
    this.#controller?.abort(this.#ended);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(this.#ended);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) this.#receiver.onHead(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    try {
      this.#receiver.onData(chunk);
    } catch (error) {
      this.#reject(error);
      controller.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  onResponseEnd(): void {
    try {
      this.#resolve(this.#receiver.onEnd());
    } catch (error) {
      this.#reject(error);
    }
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#reject(new TransportError(this.#what, this.#controller !== undefined, error));
  }
}
