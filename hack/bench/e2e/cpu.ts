import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '#test/cluster.ts';

const LOCALCLUSTER = join(import.meta.dirname, '../../../bin/localcluster');
/** Linux's USER_HZ, in which /proc counts. */
const TICKS_PER_SECOND = 100;

type Seconds = Record<string, number>;

/** CPU seconds of the control plane's components so far, and of these processes; empty where there is no /proc. */
export function cpuSeconds({ dir }: Pick<Cluster, 'dir'>, processes: Record<string, number>): Seconds {
  // Its exit code says whether all of them answer in time, which is not asked here.
  const { stdout } = spawnSync(LOCALCLUSTER, ['status', '--dir', dir, '--json'], { encoding: 'utf8' });
  const { components } = JSON.parse(stdout) as { components: { name: string; pid: number }[] };
  const all = { ...Object.fromEntries(components.map(({ name, pid }) => [name, pid])), ...processes };
  const known = Object.entries(all).flatMap(([name, pid]) => {
    const seconds = secondsOf(pid);
    return seconds === undefined ? [] : [[name, seconds] as const];
  });
  return Object.fromEntries(known);
}

/** What was used in between, in tenths; the most first. */
export function cpuBetween(before: Seconds, after: Seconds): Seconds {
  const used = Object.entries(after).map(
    ([name, seconds]) => [name, Math.round((seconds - (before[name] ?? 0)) * 10) / 10] as const,
  );
  return Object.fromEntries(used.filter(([, seconds]) => seconds > 0).sort(([, a], [, b]) => b - a));
}

/** utime and stime, the 14th and 15th of /proc/PID/stat; the second is the name, in parentheses. */
function secondsOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
