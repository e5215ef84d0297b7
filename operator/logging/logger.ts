import { type DestinationStream, destination, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import type { Logger } from '#runtime/logger.ts';
import type { Level, LevelSwitch } from './levels.ts';
import { sourceOf } from './source.ts';
import { type LogLine, textLine } from './text-format.ts';

export type LogFormat = 'json' | 'text';

export interface LoggingOptions {
  format: LogFormat;
  levels: LevelSwitch;
  /** Also written to, beside standard output. */
  file?: { write(text: string): unknown } | undefined;
}

/** The operator's logger: pino's lines, with levels that can change while it runs and the place in the code. */
export function createLogger({ format, levels, file }: LoggingOptions): Logger {
  const output = destination({ dest: 1, sync: true });
  const stream: DestinationStream = {
    write: (line) => {
      const text = format === 'text' ? textLine(JSON.parse(line) as LogLine) : line;
      output.write(text);
      file?.write(text);
    },
  };
  const root = pino(
    {
      level: 'debug',
      base: undefined,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return new SwitchedLogger(root, levels, undefined);
}

/** Frames between a log call and `sourceOf`: the level's method and `#write`. */
const FRAMES = 2;

class SwitchedLogger implements Logger {
  readonly #pino: PinoLogger;
  readonly #levels: LevelSwitch;
  readonly #module: string | undefined;

  constructor(logger: PinoLogger, levels: LevelSwitch, module: string | undefined) {
    this.#pino = logger;
    this.#levels = levels;
    this.#module = module;
  }

  debug(...line: [object | string, string?]): void {
    this.#write('debug', line);
  }

  info(...line: [object | string, string?]): void {
    this.#write('info', line);
  }

  warn(...line: [object | string, string?]): void {
    this.#write('warn', line);
  }

  error(...line: [object | string, string?]): void {
    this.#write('error', line);
  }

  child(bindings: Record<string, unknown>): Logger {
    const module = typeof bindings.module === 'string' ? bindings.module : this.#module;
    return new SwitchedLogger(this.#pino.child(bindings), this.#levels, module);
  }

  #write(level: Level, [fields, message]: [object | string, string?]): void {
    if (!this.#levels.isOn(level, this.#module)) return;
    const source = sourceOf(FRAMES);
    if (typeof fields === 'string') this.#pino[level]({ source }, fields);
    else this.#pino[level]({ ...fields, source }, message);
  }
}
