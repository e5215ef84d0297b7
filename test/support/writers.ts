import { setInterval } from 'node:timers';
import type { FleetControl } from './fleet.ts';

/** Watches the fleet for guests of one name that run in two pods at once: two writers of one disk. */
export class WriterWatch {
  readonly #fleet: FleetControl;
  readonly #timer: NodeJS.Timeout;
  readonly violations = new Set<string>();
  looks = 0;

  constructor(fleet: FleetControl) {
    this.#fleet = fleet;
    this.#timer = setInterval(() => void this.#look(), 100);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const guests = await this.#fleet.guests().catch(() => []);
    const alive = guests.filter(({ state }) => state !== 'Off' && state !== 'Incoming');
    const byName = Map.groupBy(alive, ({ namespace, name }) => `${namespace}/${name}`);
    for (const [name, all] of byName) {
      if (all.length > 1) this.violations.add(`${name} in ${all.map(({ podName }) => podName).join(', ')}`);
    }
    this.looks++;
  }
}
