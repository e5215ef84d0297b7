import { ApiError, type Status } from './errors.ts';
import { queryString } from './query.ts';
import { LinesReceiver } from './receivers.ts';
import { collectionPath, type KubeObject, type Resource } from './resource.ts';
import type { Transport } from './transport.ts';

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion: string;
  /** The API server ends the stream after this long. */
  timeoutSeconds: number;
  /** The stream counts as dead after this much silence; bookmarks come about once a minute. 0: never. */
  idleTimeoutMs: number;
  signal?: AbortSignal;
  /** The API server has accepted the watch. */
  onOpen?: () => void;
}

export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

type WireEvent<T> = WatchEvent<T> | { type: 'ERROR'; object: Status };

/** How long the API server may take to accept a watch. */
const openTimeoutMs = 30_000;

/** One watch request, from its start to its end, whichever side ends it. */
export async function watchOnce<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  options: WatchOptions,
  onEvent: (event: WatchEvent<T>) => void,
): Promise<void> {
  const path = watchPath(resource, options);
  const opening = new AbortController();
  const late = setTimeout(() => opening.abort(new Error('watch not accepted in time')), openTimeoutMs);
  const opened = (): void => {
    clearTimeout(late);
    options.onOpen?.();
  };
  const receiver = new LinesReceiver(`WATCH ${path}`, opened, (line) => onEvent(parseEvent<T>(line, path)));
  const signal = options.signal ? AbortSignal.any([options.signal, opening.signal]) : opening.signal;
  try {
    const request = {
      method: 'GET',
      path,
      signal,
      idleTimeoutMs: options.idleTimeoutMs,
      lane: 'watch' as const,
    };
    await transport.send(request, receiver);
  } finally {
    clearTimeout(late);
  }
}

function watchPath(resource: Resource, options: WatchOptions): string {
  const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds } = options;
  const query = {
    watch: 1,
    allowWatchBookmarks: true,
    resourceVersion,
    timeoutSeconds,
    labelSelector,
    fieldSelector,
  };
  return collectionPath(resource, namespace) + queryString(query);
}

function parseEvent<T extends KubeObject>(line: string, path: string): WatchEvent<T> {
  const event: WireEvent<T> = JSON.parse(line);
  if (event.type === 'ERROR') throw new ApiError(event.object.code ?? 500, event.object, `WATCH ${path}`);
  return event;
}
