import type { KubeConfig } from '@kubernetes/client-node';
import { ApiClient } from './api-client.ts';
import type { Lane } from './connections.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { ListOptions, ListResult } from './pager.ts';
import type { Query } from './query.ts';
import type { Key, KubeObject, Manifest, Resource } from './resource.ts';
import { defaultRetry, type RetrySettings } from './retry.ts';
import { Transport } from './transport.ts';
import type { WatchEvent, WatchOptions } from './watch.ts';

export interface CallOptions {
  /** Ends the call, also between retries; what is thrown is the signal's reason. */
  signal?: AbortSignal;
  /** For one attempt. 30 s unless set. */
  timeoutMs?: number;
  /** false: the first failure is thrown, whatever it is. */
  retry?: boolean;
  lane?: Lane;
}

export interface RequestOptions extends CallOptions {
  query?: Query;
  contentType?: string;
  /** The request may be sent twice without harm. GET always is. */
  idempotent?: boolean;
}

export interface WriteOptions extends CallOptions {
  fieldManager?: string;
  dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Takes fields over from other managers instead of failing with a 409. */
  force?: boolean;
  subresource?: string;
}

export interface PatchOptions extends WriteOptions {
  type: 'merge' | 'json' | 'strategic';
  subresource?: string;
}

export interface DeleteOptions extends CallOptions {
  preconditions?: { uid?: string; resourceVersion?: string };
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
}

/**
 * Requests to the API server. A refusal is thrown as ApiError, silence as TransportError, both after the retries that
 * are safe: reads, applies and deletes by uid on 429, 5xx and broken connections; other writes only on 429 and where
 * the connection was never made.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: Resource, key: Key, options?: CallOptions): Promise<T>;
  /** All objects, fetched in pages. */
  list<T extends KubeObject>(resource: Resource, options?: ListOptions): Promise<ListResult<T>>;
  create<T extends KubeObject>(resource: Resource, object: Manifest, options?: WriteOptions): Promise<T>;
  /** PUT; fails with a conflict when the object has changed since `metadata.resourceVersion`. */
  update<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T>;
  updateStatus<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(resource: Resource, key: Key, patch: object, options: PatchOptions): Promise<T>;
  /** Server-side apply of exactly the fields in `object`; apiVersion and kind are filled in. */
  apply<T extends KubeObject>(resource: Resource, object: Manifest, options: ApplyOptions): Promise<T>;
  delete(resource: Resource, key: Key, options?: DeleteOptions): Promise<void>;
  /** Any request, for subresources. A plain text is a string; an answer that is neither that nor JSON is undefined. */
  request<T>(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  /** Resolves when the API server ends the stream, rejects when it breaks or carries an ERROR. Never retries. */
  watch<T extends KubeObject>(
    resource: Resource,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void>;
  /** The same client, on the same connections, whose writes fail with NotLeading unless `mayWrite` says yes. */
  fenced(mayWrite: () => boolean): KubeClient;
  close(): Promise<void>;
}

export interface ClientOptions {
  logger?: Logger;
  userAgent?: string;
  /** Sockets for ordinary requests; 32 unless set. */
  maxSockets?: number;
  retry?: RetrySettings;
  /** Is told of every try: its method, and the HTTP status, or `<error>` when there was no answer. */
  onAnswer?: OnAnswer;
}

export type OnAnswer = (method: string, code: string) => void;

export function createClient(kubeConfig: KubeConfig, options: ClientOptions = {}): KubeClient {
  const {
    userAgent = 'berth',
    maxSockets = 32,
    retry = defaultRetry,
    logger = silentLogger,
    onAnswer,
  } = options;
  const transport = new Transport(kubeConfig, { maxSockets, userAgent });
  return new ApiClient(transport, retry, logger, { onAnswer });
}
