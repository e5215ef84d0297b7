import type { Instance } from '#api/instance.ts';
import { BuildFailures, buildsOf } from '#core/placement/build-failures.ts';
import type { Store } from '#runtime/store.ts';

/**
 * The failed builds of each node, read off the Instances' status as it is written. Nothing is written for it, and a new
 * leader reads the same.
 */
export class BuildWatch {
  readonly #now: () => Date;
  readonly #failures = new BuildFailures();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #changed = new Set<(nodeName: string) => void>();

  constructor(instances: Store<Instance>, now: () => Date) {
    this.#now = now;
    instances.onChange(({ type, object }) => {
      if (type !== 'deleted') for (const build of buildsOf(object)) this.#note(build);
    });
  }

  onChange(listener: (nodeName: string) => void): void {
    this.#changed.add(listener);
  }

  failedBuilds(nodeName: string): number {
    return this.#failures.count(nodeName, this.#now().getTime());
  }

  #note(build: ReturnType<typeof buildsOf>[number]): void {
    if (this.#failures.note(build, this.#now().getTime())) this.#tell(build.nodeName);
  }

  #tell(nodeName: string): void {
    for (const listener of this.#changed) listener(nodeName);
    clearTimeout(this.#timers.get(nodeName));
    const forgottenInMs = this.#failures.forgottenInMs(nodeName, this.#now().getTime());
    if (forgottenInMs === undefined) this.#timers.delete(nodeName);
    else this.#timers.set(nodeName, setTimeout(() => this.#tell(nodeName), forgottenInMs).unref());
  }
}
