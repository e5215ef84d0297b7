import { readSerial, type Told } from './serial-line.ts';
import type { Site } from './site.ts';
import { eventually } from './user.ts';

/** The guest of an Instance, as its serial line tells of it. Where guests are played, nothing is told, and nothing asked. */
export class Guest {
  readonly #site: Site;
  readonly #name: string;

  constructor(site: Site, name: string) {
    this.#site = site;
    this.#name = name;
  }

  /** What it told since its launcher started; the newest one if there are several. */
  async told(): Promise<Told> {
    const selector = `compute.berth.dev/instance=${this.#name},kubevirt.io=virt-launcher`;
    const pods = await this.#site.user.list(
      ...['pods', '-l', selector, '--sort-by=.metadata.creationTimestamp'],
      '--field-selector=status.phase=Running',
    );
    const pod = pods.at(-1)?.metadata.name;
    if (!pod) throw new Error(`${this.#name} has no launcher that runs`);
    return readSerial(await this.#site.user.kubectl('logs', pod, '-c', 'guest-console-log'));
  }

  /** Waits until it counts seconds and has told what is expected. */
  async tells(what: string, holds: (told: Told) => boolean): Promise<Told | undefined> {
    if (!this.#site.realGuests) return undefined;
    return eventually(`${this.#name}: ${what}`, async () => {
      const told = await this.told();
      if (told.ticks > 0 && holds(told)) return told;
      throw new Error(`${this.#name} tells ${JSON.stringify(told)}`);
    });
  }

  /** Waits until it is up, and its root disk was booted from so often. */
  booted = (times: number): Promise<Told | undefined> =>
    this.tells(`its root disk was booted ${times} times`, ({ boots }) => boots[0] === times);

  /** Waits until it has counted further than before, without having begun anew; in another launcher, if it was moved. */
  goesOn = (before: Told | undefined): Promise<Told | undefined> =>
    this.tells(
      `it goes on from ${before?.ticks}`,
      ({ starts, ticks, boots }) =>
        (starts === 0 || boots[0] === before?.boots[0]) && ticks > (before?.ticks ?? 0),
    );

  /** Waits until it counts. */
  counts = (): Promise<Told | undefined> => this.tells('it counts', () => true);
}
