import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** A text, or a file's path, for its standard input. */
  input?: string;
  inputFile?: string;
}

const began = Date.now();

/** A line of progress, with the seconds since the program began. */
export function say(line: string): void {
  const seconds = String(Math.round((Date.now() - began) / 1000)).padStart(4);
  process.stdout.write(`[${seconds}s] ${line}\n`);
}

/** Says what is done, and how long it took once it is. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} ...`);
  const from = Date.now();
  const result = await work();
  say(`${what}: ${((Date.now() - from) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * Runs a command and gives what it wrote to its standard output.
 * @throws with the end of what it wrote, if it fails or cannot be started.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, out, all } = await attempt(command, args, options);
  if (code === 0) return out;
  throw new Error(`${command} ${args.join(' ').slice(0, 400)} ended with ${code}:\n${all.slice(-4000)}`);
}

export async function succeeds(command: string, args: readonly string[], options: RunOptions = {}) {
  return (await attempt(command, args, options).catch(() => ({ code: 1 }))).code === 0;
}

/** As a shell runs it, for pipes. */
export const pipe = (line: string, options: RunOptions = {}): Promise<string> =>
  run('bash', ['-euo', 'pipefail', '-c', line], options);

function attempt(command: string, args: readonly string[], { cwd, env, input, inputFile }: RunOptions) {
  return new Promise<{ code: number; out: string; all: string }>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    const [out, all]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => {
      out.push(chunk);
      all.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => all.push(chunk));
    child.stdin.on('error', () => undefined); // it may end without reading all
    if (inputFile !== undefined) createReadStream(inputFile).pipe(child.stdin);
    else child.stdin.end(input ?? '');
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code: code ?? 1, out: Buffer.concat(out).toString(), all: Buffer.concat(all).toString() }),
    );
  });
}
