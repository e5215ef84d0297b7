import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What an earlier run of the integration tests recorded must not count for this one. */
export async function setup(): Promise<void> {
  await rm(join(import.meta.dirname, '../../.berth/access'), { recursive: true, force: true });
}
