import type { KubeClient } from '#runtime/client.ts';
import { createInformer } from '#runtime/informer.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';

/** When what is waited for was first seen, by name, in milliseconds since the epoch; a watch that breaks goes on. */
export class Arrivals {
  readonly seen = new Map<string, number>();
  readonly #end = new AbortController();

  /** `namesIn` says who has arrived by what an object says. Resolves when the watch has begun. */
  static async watch<T extends KubeObject>(
    client: KubeClient,
    resource: Resource,
    namesIn: (object: T) => readonly string[],
  ): Promise<Arrivals> {
    const arrivals = new Arrivals();
    const informer = createInformer<T>(client, resource);
    informer.store.onChange(({ object }) => arrivals.#note(namesIn(object)));
    void informer.start(arrivals.#end.signal);
    await informer.synced;
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
