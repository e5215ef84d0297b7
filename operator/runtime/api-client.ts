import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeClient,
  OnAnswer,
  PatchOptions,
  RequestOptions,
  WriteOptions,
} from './client.ts';
import { ApiError, isUnauthorized, NotLeading } from './errors.ts';
import type { Logger } from './logger.ts';
import { type ListOptions, type ListResult, listAll } from './pager.ts';
import { type Query, queryString } from './query.ts';
import { DocumentReceiver } from './receivers.ts';
import {
  apiVersionOf,
  collectionPath,
  type Key,
  type KubeObject,
  keyOf,
  type Manifest,
  objectPath,
  type Resource,
} from './resource.ts';
import { type RetrySettings, retryDelayMs } from './retry.ts';
import { sleep } from './sleep.ts';
import type { Transport } from './transport.ts';
import { type WatchEvent, type WatchOptions, watchOnce } from './watch.ts';

const defaultTimeoutMs = 30_000;

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

interface Hooks {
  mayWrite?: (() => boolean) | undefined;
  onAnswer?: OnAnswer | undefined;
}

export class ApiClient implements KubeClient {
  readonly #transport: Transport;
  readonly #retry: RetrySettings;
  readonly #logger: Logger;
  readonly #mayWrite: () => boolean;
  readonly #onAnswer: OnAnswer;

  constructor(
    transport: Transport,
    retry: RetrySettings,
    logger: Logger,
    { mayWrite = () => true, onAnswer = () => {} }: Hooks = {},
  ) {
    this.#mayWrite = mayWrite;
    this.#onAnswer = onAnswer;
    this.#transport = transport;
    this.#retry = retry;
    this.#logger = logger;
  }

  get<T extends KubeObject>(resource: Resource, key: Key, options?: CallOptions): Promise<T> {
    return this.request<T>('GET', objectPath(resource, key), undefined, options);
  }

  list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<ListResult<T>> {
    return listAll<T>((...call) => this.request(...call), resource, options);
  }

  create<T extends KubeObject>(resource: Resource, object: Manifest, options?: WriteOptions): Promise<T> {
    const path = collectionPath(resource, object.metadata.namespace);
    return this.request<T>('POST', path, typed(resource, object), writing(options));
  }

  update<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    return this.request<T>(
      'PUT',
      objectPath(resource, keyOf(object)),
      typed(resource, object),
      writing(options),
    );
  }

  updateStatus<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T> {
    const path = objectPath(resource, keyOf(object), 'status');
    return this.request<T>('PUT', path, typed(resource, object), writing(options));
  }

  patch<T extends KubeObject>(
    resource: Resource,
    key: Key,
    patch: object,
    options: PatchOptions,
  ): Promise<T> {
    const { type, subresource, ...write } = options;
    const path = objectPath(resource, key, subresource);
    return this.request<T>('PATCH', path, patch, { ...writing(write), contentType: patchTypes[type] });
  }

  apply<T extends KubeObject>(resource: Resource, object: Manifest, options: ApplyOptions): Promise<T> {
    const { force, subresource, ...write } = options;
    const path = objectPath(resource, keyOf(object), subresource);
    const contentType = 'application/apply-patch+yaml';
    const request = writing(write, { force });
    return this.request<T>('PATCH', path, typed(resource, object), {
      ...request,
      contentType,
      idempotent: true,
    });
  }

  async delete(resource: Resource, key: Key, options: DeleteOptions = {}): Promise<void> {
    const { preconditions, gracePeriodSeconds, propagationPolicy, ...call } = options;
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      preconditions,
      gracePeriodSeconds,
      propagationPolicy,
    };
    const idempotent = preconditions?.uid !== undefined;
    await this.request('DELETE', objectPath(resource, key), body, { ...call, idempotent });
  }

  async request<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    const idempotent = options.idempotent ?? method === 'GET';
    const fullPath = path + queryString(options.query);
    const text = body === undefined ? undefined : JSON.stringify(body);
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#sendOnce(method, fullPath, text, options)) as T;
      } catch (error) {
        await this.#waitOrThrow(error, attempt, idempotent, options);
      }
    }
  }

  watch<T extends KubeObject>(
    resource: Resource,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void> {
    return watchOnce<T>(this.#transport, resource, options, onEvent);
  }

  fenced(mayWrite: () => boolean): KubeClient {
    return new ApiClient(this.#transport, this.#retry, this.#logger, {
      mayWrite,
      onAnswer: this.#onAnswer,
    });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #sendOnce(
    method: string,
    path: string,
    body: string | undefined,
    options: RequestOptions,
  ): Promise<unknown> {
    const { signal, lane, contentType, timeoutMs = defaultTimeoutMs } = options;
    if (method !== 'GET' && !this.#mayWrite())
      throw new NotLeading(`${method} ${path}: this process does not lead`);
    const receiver = new DocumentReceiver(`${method} ${path}`);
    try {
      const answer = await this.#transport.send(
        { method, path, body, contentType, signal, timeoutMs, lane },
        receiver,
      );
      this.#onAnswer(method, '2xx');
      return answer;
    } catch (error) {
      this.#onAnswer(method, error instanceof ApiError ? String(error.code) : '<error>');
      throw error;
    }
  }

  async #waitOrThrow(
    error: unknown,
    attempt: number,
    idempotent: boolean,
    options: RequestOptions,
  ): Promise<void> {
    options.signal?.throwIfAborted();
    const stale = isUnauthorized(error);
    if (stale) this.#transport.forgetCredentials();
    const waitMs = options.retry === false ? undefined : this.#delay(error, stale, attempt, idempotent);
    if (waitMs === undefined) throw error;
    this.#logger.debug({ attempt, waitMs: Math.round(waitMs), err: error }, 'request is sent again');
    await sleep(waitMs, options.signal);
  }

  /** A token that has just been replaced is worth one more try; anything else is the retry policy's. */
  #delay(error: unknown, stale: boolean, attempt: number, idempotent: boolean): number | undefined {
    if (stale) return attempt === 1 ? 0 : undefined;
    return retryDelayMs(error, attempt, idempotent, this.#retry);
  }
}

function writing(options: WriteOptions = {}, query: Query = {}): RequestOptions {
  const { fieldManager, dryRun, ...call } = options;
  return { ...call, query: { ...query, fieldManager, dryRun: dryRun ? 'All' : undefined } };
}

function typed(resource: Resource, object: Manifest): Manifest {
  if (object.apiVersion && object.kind) return object;
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}
