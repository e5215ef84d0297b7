import type { Key, KubeObject } from './resource.ts';
import type { Store, StoreEvent } from './store.ts';

/**
 * A store, and which keys a change of one of its objects concerns. The members are methods on purpose: watches of
 * several kinds fit in one list that way. `watch()` infers the object's type for `map`.
 */
export interface Watch {
  store: {
    readonly synced: Promise<void>;
    list(): KubeObject[];
    onChange(listener: (event: StoreEvent<KubeObject>) => void): () => void;
  };
  map(object: KubeObject, old?: KubeObject): Key[];
}

export function watch<T extends KubeObject>(store: Store<T>, map: (object: T, old?: T) => Key[]): Watch {
  return { store, map } as Watch;
}

/** Adds the keys of all that is in the store now, and of each change to come. Returns what ends that. */
export function watchKeys(
  watch: Watch,
  add: (key: Key) => void,
  mapFailed: (error: unknown) => void,
): () => void {
  const addAll = (object: KubeObject, old?: KubeObject): void => {
    try {
      for (const key of watch.map(object, old)) add(key);
    } catch (error) {
      mapFailed(error);
    }
  };
  const end = watch.store.onChange((event) => addAll(event.object, event.old));
  for (const object of watch.store.list()) addAll(object);
  return end;
}
