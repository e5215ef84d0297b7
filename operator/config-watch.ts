import { unwatchFile, watchFile } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '#runtime/logger.ts';
import { aborted, type Runnable } from '#runtime/runnable.ts';
import { type Config, ConfigError } from './config.ts';
import type { LevelSwitch } from './logging/levels.ts';
import { SETTING_NAMES } from './settings.ts';

const POLL_MS = 1_000;

export interface ConfigWatchOptions {
  /** As the operator was started with it. */
  config: Config;
  /** Reads flags, environment and file again. @throws ConfigError */
  read: () => Config;
  levels: LevelSwitch;
  logger: Logger;
}

/** Takes over from the file of settings what can change while the operator runs, and says what cannot. */
export class ConfigWatch implements Runnable {
  readonly name = 'config-watch';
  readonly #options: ConfigWatchOptions;
  readonly #logger: Logger;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ module: 'config' });
  }

  async run(stop: AbortSignal): Promise<void> {
    const { config: file } = this.#options.config;
    if (file === undefined) return aborted(stop);
    watchFile(file, { interval: POLL_MS, persistent: false }, () => this.#look());
    await aborted(stop);
    unwatchFile(file);
  }

  #look(): void {
    const { config: started, levels } = this.#options;
    try {
      const config = this.#options.read();
      levels.restart(config.logLevel);
      const waiting = SETTING_NAMES.filter(
        (name) => !['logLevel', 'identity'].includes(name) && !isDeepStrictEqual(config[name], started[name]),
      );
      this.#logger.info({ logLevel: config.logLevel }, 'settings read again');
      if (waiting.length > 0)
        this.#logger.warn({ settings: waiting }, 'settings that count when the operator is started anew');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#logger.error({ file: started.config }, `settings are left as they are: ${error.message}`);
    }
  }
}
