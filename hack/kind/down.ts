import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { clusterExists, deleteCluster } from './cluster.ts';
import { letServicesOut, stopEngine } from './engine.ts';
import { BINARIES } from './paths.ts';
import { step } from './shell.ts';
import { chooseImages } from './source.ts';

/** Deletes the cluster, and ends and undoes what `up` started and changed on this machine. What was built stays. */
export async function down(): Promise<void> {
  const source = await chooseImages();
  await step('delete the cluster', async () => {
    if (existsSync(join(BINARIES, 'kind')) && (await clusterExists())) await deleteCluster();
  });
  if (source === 'published') return;
  await letServicesOut();
  await step('stop the engine', stopEngine);
}
