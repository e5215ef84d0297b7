import type { KubeClient } from './client.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { Indexers } from './object-index.ts';
import {
  defaultReflectorSettings,
  Reflector,
  type ReflectorSettings,
  type ReflectorStats,
  type Selection,
} from './reflector.ts';
import type { KubeObject, Resource } from './resource.ts';
import { Store } from './store.ts';

export interface InformerOptions<T> extends Selection {
  indexers?: Indexers<T>;
  /** A cluster need not have the kind: until it has, there are none of it. */
  optional?: boolean;
  /** To drop what nobody reads before it is kept. */
  transform?: (object: T) => T;
  logger?: Logger;
  settings?: Partial<ReflectorSettings>;
}

/** A store of one kind and what keeps it up to date. */
export interface Informer<T extends KubeObject> {
  readonly resource: Resource;
  readonly store: Store<T>;
  /** Resolves once the first list is in. */
  readonly synced: Promise<void>;
  readonly stats: Readonly<ReflectorStats>;
  /** Lists and watches until the signal aborts; the promise resolves then. */
  start(signal: AbortSignal): Promise<void>;
  /** Why it must be taken for dead, or undefined when it is well. */
  trouble(): string | undefined;
}

export function createInformer<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  options: InformerOptions<T> = {},
): Informer<T> {
  const { namespace, labelSelector, fieldSelector, indexers, transform, logger = silentLogger } = options;
  const { optional = false } = options;
  const settings = { ...defaultReflectorSettings, ...options.settings, optional };
  const store = new Store<T>({ indexers, transform });
  const selection = { namespace, labelSelector, fieldSelector };
  const reflector = new Reflector(client, resource, selection, store, settings, logger);
  return {
    resource,
    store,
    synced: store.synced,
    stats: reflector.stats,
    start: (signal) => reflector.run(signal),
    trouble: () => trouble(resource, store.hasSynced, reflector.stats, 2 * settings.idleTimeoutMs),
  };
}

function trouble(
  resource: Resource,
  synced: boolean,
  stats: ReflectorStats,
  limitMs: number,
): string | undefined {
  if (!synced) return `${resource.plural}: not listed yet`;
  const silentMs = performance.now() - stats.lastContactMs;
  return silentMs > limitMs
    ? `${resource.plural}: nothing heard for ${Math.round(silentMs / 1000)} s`
    : undefined;
}
