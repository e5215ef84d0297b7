import { setTimeout as sleep } from 'node:timers/promises';

export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/**
 * Looks again and again until there is nothing left to wait for.
 * @param look says what is still missing; undefined when nothing is.
 * @throws TookTooLong with what was missing at last.
 */
export async function until(
  seconds: number,
  look: () => Promise<string | undefined>,
  everyMs = 500,
): Promise<void> {
  const limit = Date.now() + seconds * 1000;
  for (;;) {
    const missing = await look();
    if (missing === undefined) return;
    if (Date.now() > limit) throw new TookTooLong(`after ${seconds} seconds: ${missing}`);
    await sleep(everyMs);
  }
}
