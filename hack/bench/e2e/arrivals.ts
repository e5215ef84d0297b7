import type { KubeClient } from '#runtime/client.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';

/** When what is waited for was first seen, by name, as a watch tells it; in milliseconds since the epoch. */
export class Arrivals {
  readonly seen = new Map<string, number>();
  readonly #end = new AbortController();

  /** `namesIn` says who has arrived by what an object says. Resolves when the watch is open. */
  static async watch<T extends KubeObject>(
    client: KubeClient,
    resource: Resource,
    namesIn: (object: T) => readonly string[],
  ): Promise<Arrivals> {
    const arrivals = new Arrivals();
    const { resourceVersion } = await client.list<T>(resource, { limit: 1 });
    const opened = Promise.withResolvers<void>();
    const options = {
      resourceVersion,
      timeoutSeconds: 3600,
      idleTimeoutMs: 0,
      signal: arrivals.#end.signal,
      onOpen: opened.resolve,
    };
    client
      .watch<T>(resource, options, ({ type, object }) => {
        if (type !== 'DELETED' && type !== 'BOOKMARK') arrivals.#note(namesIn(object));
      })
      .catch((error: unknown) => {
        if (!arrivals.#end.signal.aborted) throw error;
      });
    await opened.promise;
    return arrivals;
  }

  stop(): void {
    this.#end.abort();
  }

  #note(names: readonly string[]): void {
    const now = Date.now();
    for (const name of names) if (!this.seen.has(name)) this.seen.set(name, now);
  }
}
