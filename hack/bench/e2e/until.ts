import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_MS = 300_000;

/** Resolves once it holds. @throws Error when it does not within five minutes. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited for five minutes in vain: ${what}`);
    await sleep(200);
  }
}

/** Calls it for 0 to count - 1, so many at a time. */
export async function concurrently(
  count: number,
  workers: number,
  each: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await each(next++);
  };
  await Promise.all(Array.from({ length: workers }, work));
}
