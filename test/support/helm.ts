import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const ROOT = join(import.meta.dirname, '../..');
export const CHART = join(ROOT, 'charts/berth');

/** The two Helms that the chart is for. */
export const HELMS = { 'Helm 4': join(ROOT, 'bin/helm'), 'Helm 3': join(ROOT, 'bin/helm3') } as const;
export type HelmName = keyof typeof HELMS;

/** Runs a Helm and resolves with its output. @throws Error with what it said. */
export async function helm(name: HelmName, ...args: string[]): Promise<string> {
  if (!existsSync(HELMS[name])) throw new Error(`${HELMS[name]} is missing: run \`make helm\` first`);
  try {
    const { stdout } = await run(HELMS[name], args, { maxBuffer: 64 << 20 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`helm ${args.slice(0, 2).join(' ')}: ${stderr}${stdout}`, { cause: error });
  }
}
