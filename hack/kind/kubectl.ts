import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KUBECONFIG, ROOT } from './paths.ts';
import { run } from './shell.ts';

const KUBECTL = join(ROOT, 'bin/kubectl');

export const kubectl = (...args: string[]): Promise<string> =>
  run(KUBECTL, ['--kubeconfig', KUBECONFIG, ...args]);

/** Applies objects; large kinds need the server's own apply. */
export const apply = (...objects: object[]): Promise<string> =>
  applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));

export const applyText = (text: string): Promise<string> =>
  run(KUBECTL, ['--kubeconfig', KUBECONFIG, 'apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: text,
  });

export async function getJson<T>(...args: string[]): Promise<T> {
  return JSON.parse(await kubectl('get', ...args, '-o', 'json')) as T;
}

/** Asks until there is an answer. @throws with the last error, after `seconds`. */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(500);
  }
  throw new Error(`${what}: not within ${seconds} s`, { cause: last });
}
