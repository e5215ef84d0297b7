import type { Key } from './resource.ts';

/** Each index has a name, and a function that says under which values an object is found. */
export type Indexers<T> = Record<string, (object: T) => string[]>;

/** One index: value to keys. */
export class ObjectIndex<T> {
  readonly #valuesOf: (object: T) => string[];
  readonly #keys = new Map<string, Set<Key>>();

  constructor(valuesOf: (object: T) => string[]) {
    this.#valuesOf = valuesOf;
  }

  keys(value: string): Iterable<Key> {
    return this.#keys.get(value) ?? [];
  }

  replace(key: Key, before: T | undefined, after: T | undefined): void {
    const old = before ? this.#valuesOf(before) : [];
    const wanted = after ? this.#valuesOf(after) : [];
    for (const value of old) if (!wanted.includes(value)) this.#remove(value, key);
    for (const value of wanted) this.#add(value, key);
  }

  #add(value: string, key: Key): void {
    const keys = this.#keys.get(value);
    if (keys) keys.add(key);
    else this.#keys.set(value, new Set([key]));
  }

  #remove(value: string, key: Key): void {
    const keys = this.#keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(value);
  }
}
