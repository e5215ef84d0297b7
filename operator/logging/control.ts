import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Logger } from '#runtime/logger.ts';
import type { Runnable } from '#runtime/runnable.ts';
import { aborted } from '#runtime/runnable.ts';
import type { LevelSwitch } from './levels.ts';

const POLL_MS = 1_000;

/** Changes log levels while the operator runs: SIGUSR2 toggles debug for all, a control file sets it by module. */
export class LogControl implements Runnable {
  readonly name = 'log-control';
  readonly #levels: LevelSwitch;
  readonly #file: string | undefined;
  readonly #logger: Logger;

  constructor(levels: LevelSwitch, file: string | undefined, logger: Logger) {
    this.#levels = levels;
    this.#file = file;
    this.#logger = logger.child({ module: 'logging' });
  }

  async run(stop: AbortSignal): Promise<void> {
    const toggle = () => {
      this.#levels.toggleDebug();
      this.#logger.info({ level: this.#levels.default }, `log level is now ${this.#levels.default}`);
    };
    process.on('SIGUSR2', toggle);
    if (this.#file) this.#watch(this.#file);
    await aborted(stop);
    process.off('SIGUSR2', toggle);
    if (this.#file) unwatchFile(this.#file);
  }

  #watch(file: string): void {
    const read = () => {
      for (const wrong of this.#levels.apply(textOf(file))) this.#logger.warn({ file }, wrong);
      this.#logger.info({ file, level: this.#levels.default }, 'log levels read');
    };
    watchFile(file, { interval: POLL_MS, persistent: false }, read);
    read();
  }
}

/** A file that is not there says nothing: the levels of the start hold. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
