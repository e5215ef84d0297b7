import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { KUBECONFIG, KUBECTL } from './paths.ts';

export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Runs a command; resolves with its output. @throws CommandFailed with what it said. */
export async function run(
  command: string,
  args: string[],
  { input = '', onLine }: { input?: string; onLine?: (line: string) => void } = {},
): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const [output, errors]: [string[], string[]] = [[], []];
  createInterface(child.stdout).on('line', (line) => {
    output.push(line);
    onLine?.(line);
  });
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new CommandFailed([...output, ...errors].join('\n'));
  return output.join('\n');
}

/** kubectl on the demo's cluster. */
export const kubectl = (args: string[], input?: string): Promise<string> =>
  run(KUBECTL, ['--kubeconfig', KUBECONFIG, ...args], { input });

/** The objects of a kind in the default namespace, or of the cluster. */
export async function list<T>(plural: string): Promise<T[]> {
  const { items } = JSON.parse(await kubectl(['get', plural, '-o', 'json'])) as { items: T[] };
  return items;
}
