import { readFileSync } from 'node:fs';

/** The most memory that a process was resident with so far, in MiB (VmHWM of /proc); undefined where there is no /proc. */
export function peakMiB(pid: number | undefined): number | undefined {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Math.round(Number(kib) / 1024);
  } catch {
    return undefined;
  }
}
