interface LogMethod {
  (fields: object, message?: string): void;
  (message: string): void;
}

/** The part of pino's logger that the runtime uses; a pino logger is one. */
export interface Logger {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  child(bindings: Record<string, unknown>): Logger;
}

const silent = (): void => {};

/** Says nothing. For tests, and where no logger was given. */
export const silentLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  child: () => silentLogger,
};
