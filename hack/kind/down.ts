import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { clusterExists, deleteCluster } from './cluster.ts';
import { letServicesOut, ownEngineWasStarted, startEngine, stopEngine, userHasEngine } from './engine.ts';
import { BINARIES } from './paths.ts';
import { say, step } from './shell.ts';

/** Deletes the cluster, and ends and undoes what `up` started and changed on this machine. What was built stays. */
export async function down(): Promise<void> {
  const isOurs = ownEngineWasStarted();
  if (isOurs) await startEngine();
  else if (!(await userHasEngine())) return say('no Docker engine runs: there is no cluster to delete');
  await step('delete the cluster', async () => {
    if (existsSync(join(BINARIES, 'kind')) && (await clusterExists())) await deleteCluster();
  });
  if (!isOurs) return;
  await letServicesOut();
  await step('stop the engine', stopEngine);
}
