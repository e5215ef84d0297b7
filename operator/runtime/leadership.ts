import type { Elector } from './elector.ts';
import { aborted, type Runnable } from './runnable.ts';
import { settledWithin } from './sleep.ts';

/** Longer than any runnable allows itself to end. */
const longestEndMs = 30_000;

/** Work that has not ended although it was told to: only the end of the process ends it for certain. */
export class StuckWork extends Error {
  override readonly name = 'StuckWork';
}

/**
 * One term of office: runs the runnables for as long as the lease is held. On `stop` the work ends first and the lease
 * is released after it, so that the successor never overlaps; when the lease is lost, the work is dropped at once.
 */
export async function lead(
  elector: Elector,
  runnables: Runnable[],
  stop: AbortSignal,
): Promise<'stopped' | 'lost'> {
  const [ending, dropping, letGo] = [new AbortController(), new AbortController(), new AbortController()];
  const held = elector.hold(letGo.signal).then((end) => {
    if (end === 'lost') dropping.abort(new Error('leadership lost'));
    return end;
  });
  const runs = runnables.map((runnable) => runnable.run(ending.signal, dropping.signal));
  const over = Promise.race([held, aborted(stop), failureOf(runs)]);
  await Promise.allSettled([over]);
  ending.abort();
  const ended = await settledWithin(Promise.allSettled(runs), longestEndMs);
  letGo.abort();
  const end = await held;
  if (!ended) throw new StuckWork('work goes on after leadership has ended');
  await elector.release();
  await over;
  return end;
}

/** Rejects when one of the runs fails; does not resolve. */
function failureOf(runs: Array<Promise<void>>): Promise<never> {
  return new Promise((_, reject) => {
    for (const run of runs) run.catch(reject);
  });
}
