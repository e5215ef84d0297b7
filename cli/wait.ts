import type { KubeObject, Resource } from '#runtime/resource.ts';
import { sleep } from '#runtime/sleep.ts';
import { type Session, UsageError } from './session.ts';

/** Looks so often; a command waits seconds, and one request a second is little. */
const EVERY_MS = 500;

export interface Wait<T> {
  resource: Resource;
  key: string;
  seconds: number;
  /** What is done, for the progress line; told when it changes. */
  progress(object: T): string;
  /** True once there is nothing to wait for. */
  done(object: T): boolean;
}

/** Resolves with the object as it was when it was done; fails when that takes too long. */
export async function waitFor<T extends KubeObject>(
  { client, tell, signal }: Session,
  { resource, key, seconds, progress, done }: Wait<T>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let told = '';
  for (;;) {
    const object = await client.get<T>(resource, key, { signal });
    if (done(object)) return object;
    const text = progress(object);
    if (text !== told) tell(text);
    told = text;
    if (Date.now() > end)
      throw new UsageError(`not done after ${seconds} s: ${text}. It goes on; look again, or give --timeout`);
    await sleep(EVERY_MS, signal);
  }
}

export const WAIT_FLAGS = {
  wait: { type: 'boolean', short: 'w', help: 'wait until it has ended, and tell how it goes' },
  timeout: { type: 'string', value: 'SECONDS', help: 'wait so long (300)' },
} as const;

export function secondsOf(timeout: string | boolean | undefined): number {
  const seconds = Number(timeout ?? 300);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new UsageError(`--timeout ${timeout}: give seconds, such as 300`);
}
