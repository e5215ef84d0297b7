import type { DeleteOptions, PatchOptions } from '#runtime/client.ts';
import { ApiError } from '#runtime/errors.ts';
import { type Key, type KubeObject, keyOf, type Manifest, type Resource } from '#runtime/resource.ts';

export interface ModelEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
}

/**
 * What of the API server claims rest on: compare-and-swap by resourceVersion, preconditions by uid, and the order of
 * changes. Objects are shared, never changed. A test holds it to the answers of the real one.
 */
export class ModelApi {
  readonly #objects = new Map<string, KubeObject>();
  #revision = 1;
  #uids = 0;
  /** Writes that lost the race. */
  conflicts = 0;
  onEvent: (resource: Resource, event: ModelEvent) => void = () => {};

  get resourceVersion(): string {
    return `${this.#revision}`;
  }

  async get<T extends KubeObject>(resource: Resource, key: Key): Promise<T> {
    return this.#held(resource, key) as T;
  }

  async list<T extends KubeObject>({ plural }: Resource): Promise<{ items: T[]; resourceVersion: string }> {
    const items = [...this.#objects]
      .filter(([path]) => path.startsWith(`${plural}/`))
      .map(([, object]) => object);
    return { items: items as T[], resourceVersion: this.resourceVersion };
  }

  async create<T extends KubeObject>(resource: Resource, manifest: Manifest): Promise<T> {
    const path = pathOf(resource, keyOf(manifest));
    if (this.#objects.has(path)) throw refusal(409, 'AlreadyExists', path);
    const metadata = {
      ...manifest.metadata,
      uid: `uid-${++this.#uids}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    return this.#store(resource, path, 'ADDED', { ...manifest, metadata } as unknown as KubeObject) as T;
  }

  async update<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const path = pathOf(resource, keyOf(object));
    const held = this.#objects.get(path);
    const { uid, resourceVersion } = object.metadata;
    if (!held) throw uid ? refusal(409, 'Conflict', path) : refusal(404, 'NotFound', path);
    this.#check(held, path, { uid, resourceVersion });
    return this.#replace(resource, path, held, { ...object, metadata: held.metadata }) as T;
  }

  /** A merge patch of status alone. Its metadata is looked at for the resourceVersion, and for nothing else. */
  async patch<T extends KubeObject>(
    resource: Resource,
    key: Key,
    patch: object,
    _: PatchOptions,
  ): Promise<T> {
    const path = pathOf(resource, key);
    const held = this.#held(resource, key);
    const { metadata, status } = patch as { metadata: Partial<KubeObject['metadata']>; status: object };
    this.#check(held, path, { resourceVersion: metadata.resourceVersion });
    const before = (held as { status?: object }).status;
    return this.#replace(resource, path, held, {
      ...held,
      status: { ...before, ...status },
    } as KubeObject) as T;
  }

  async delete(resource: Resource, key: Key, { preconditions = {} }: DeleteOptions = {}): Promise<void> {
    const path = pathOf(resource, key);
    const held = this.#held(resource, key);
    this.#check(held, path, preconditions);
    this.#objects.delete(path);
    const metadata = { ...held.metadata, resourceVersion: `${++this.#revision}` };
    this.onEvent(resource, { type: 'DELETED', object: { ...held, metadata } });
  }

  #held(resource: Resource, key: Key): KubeObject {
    const path = pathOf(resource, key);
    const held = this.#objects.get(path);
    if (!held) throw refusal(404, 'NotFound', path);
    return held;
  }

  #check(held: KubeObject, path: string, wanted: { uid?: string; resourceVersion?: string }): void {
    const { uid, resourceVersion } = held.metadata;
    const isOther = (wanted.uid ?? uid) !== uid;
    if (!isOther && (wanted.resourceVersion ?? resourceVersion) === resourceVersion) return;
    this.conflicts++;
    throw refusal(409, 'Conflict', path);
  }

  /** What changes nothing moves nothing. */
  #replace(resource: Resource, path: string, held: KubeObject, object: KubeObject): KubeObject {
    const { spec, status } = object as Manifest;
    const before = held as Manifest;
    const same = isSame(spec, before.spec) && isSame(status, before.status);
    return same ? held : this.#store(resource, path, 'MODIFIED', object);
  }

  #store(resource: Resource, path: string, type: ModelEvent['type'], object: KubeObject): KubeObject {
    const metadata = { ...object.metadata, resourceVersion: `${++this.#revision}` };
    const stored = { ...object, metadata };
    this.#objects.set(path, stored);
    this.onEvent(resource, { type, object: stored });
    return stored;
  }
}

const pathOf = ({ plural }: Resource, key: Key) => `${plural}/${key}`;

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function refusal(code: number, reason: string, path: string): ApiError {
  return new ApiError(code, { code, reason, message: reason }, path);
}
