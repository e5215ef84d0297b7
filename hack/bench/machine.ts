import os from 'node:os';

/** What a figure was measured on; `load1` says whether the machine was quiet. */
export function machine() {
  return {
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    node: process.versions.node,
    load1: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
  };
}
