import { type Indexers, ObjectIndex } from './object-index.ts';
import { type Key, type KubeObject, keyOf } from './resource.ts';
import { isNewer } from './resource-version.ts';

export type StoreEvent<T> =
  | { type: 'added'; object: T; old?: undefined }
  | { type: 'modified'; object: T; old: T }
  /** `object` is the last state that was seen. */
  | { type: 'deleted'; object: T; old?: undefined };

export type StoreListener<T> = (event: StoreEvent<T>) => void;

export interface StoreOptions<T> {
  indexers?: Indexers<T>;
  /** Applied to each object before it is kept; managedFields are off already. */
  transform?: (object: T) => T;
}

/**
 * The objects of one kind as last seen, by key and by index. Objects are shared with everyone who reads them: never
 * change one. The state never goes back: what is older than what is held is ignored, so that an answer to a write of
 * ours (`put`) and the watch may come in either order.
 */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<Key, T>();
  readonly #indexes = new Map<string, ObjectIndex<T>>();
  readonly #listeners = new Set<StoreListener<T>>();
  readonly #transform: ((object: T) => T) | undefined;
  readonly #synced = Promise.withResolvers<void>();
  #resourceVersion: string | undefined;

  constructor(options: StoreOptions<T> = {}) {
    this.#transform = options.transform;
    for (const [name, valuesOf] of Object.entries(options.indexers ?? {})) {
      this.#indexes.set(name, new ObjectIndex(valuesOf));
    }
  }

  /** Resolves once the first list is in. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get hasSynced(): boolean {
    return this.#resourceVersion !== undefined;
  }

  /** How far the reflector has come; undefined before the first list. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: Key): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  byIndex(index: string, value: string): T[] {
    const found: T[] = [];
    for (const key of this.#index(index).keys(value)) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  /** Hears of every change from now on, in order, while it is made. Returns what ends that. */
  onChange(listener: StoreListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes the answer to a write of ours, so that the next reconcile sees it before the watch brings it. An object that
   * is not held, and that the watch has already passed, was deleted in the meantime and is not taken.
   */
  put(object: T): void {
    const passed = this.#resourceVersion;
    if (passed === undefined) return;
    const known = this.#objects.has(keyOf(object));
    if (known || isNewer(object.metadata.resourceVersion, passed)) this.#set(object);
  }

  /** For the reflector: one event of the watch. */
  observe(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: T): void {
    this.#resourceVersion = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#delete(object);
    else this.#set(object);
  }

  /** For the reflector: the whole collection as of `resourceVersion`. What is missing from it has been deleted. */
  replace(objects: T[], resourceVersion: string): void {
    const before = this.#resourceVersion;
    const wentBack = before !== undefined && isNewer(before, resourceVersion);
    this.#resourceVersion = resourceVersion;
    const present = new Set(objects.map(keyOf));
    for (const [key, held] of this.#objects) {
      const afterList = !wentBack && isNewer(held.metadata.resourceVersion, resourceVersion);
      if (!present.has(key) && !afterList) this.#remove(key, held);
    }
    for (const object of objects) this.#set(object, wentBack);
    this.#synced.resolve();
  }

  #index(name: string): ObjectIndex<T> {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`no index named ${name}`);
    return index;
  }

  #set(incoming: T, evenIfOlder = false): void {
    const key = keyOf(incoming);
    const old = this.#objects.get(key);
    const { resourceVersion, uid } = incoming.metadata;
    if (old?.metadata.resourceVersion === resourceVersion) return;
    if (old && !evenIfOlder && !isNewer(resourceVersion, old.metadata.resourceVersion)) return;
    const sameObject = old?.metadata.uid === uid;
    if (old && !sameObject) this.#remove(key, old);
    const object = this.#prepared(incoming);
    this.#exchange(key, sameObject ? old : undefined, object);
    this.#tell(old && sameObject ? { type: 'modified', object, old } : { type: 'added', object });
  }

  #delete(gone: T): void {
    const key = keyOf(gone);
    const held = this.#objects.get(key);
    if (!held) return;
    const recreated = isNewer(held.metadata.resourceVersion, gone.metadata.resourceVersion);
    if (!recreated) this.#remove(key, this.#prepared(gone), held);
  }

  #remove(key: Key, last: T, held: T = last): void {
    this.#exchange(key, held, undefined);
    this.#tell({ type: 'deleted', object: last });
  }

  #exchange(key: Key, before: T | undefined, after: T | undefined): void {
    for (const index of this.#indexes.values()) index.replace(key, before, after);
    if (after) this.#objects.set(key, after);
    else this.#objects.delete(key);
  }

  /** Every listener hears it, also when one before it throws. */
  #tell(event: StoreEvent<T>): void {
    const errors: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0)
      throw new AggregateError(errors, `listeners failed on ${event.type} ${keyOf(event.object)}`);
  }

  #prepared(incoming: T): T {
    const object = withoutManagedFields(incoming);
    return this.#transform ? this.#transform(object) : object;
  }
}

/** A new metadata object rather than `delete`, which would turn it into a slow dictionary. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (!('managedFields' in object.metadata)) return object;
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { managedFields: unknown };
  return { ...object, metadata };
}
