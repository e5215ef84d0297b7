/** Something that runs from its start until it is told to stop. */
export interface Runnable {
  readonly name: string;
  /**
   * Resolves when all has ended. `stop` asks to finish what has begun and take up nothing new; `abort` to drop
   * everything at once, as when leadership is lost. A rejection means that it cannot run.
   */
  run(stop: AbortSignal, abort?: AbortSignal): Promise<void>;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
