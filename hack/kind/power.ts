import { reconnectPods } from './cluster.ts';
import { docker } from './docker.ts';
import { useOwnEngine } from './engine.ts';

/** Ends all processes of a node at once, as a power cut does. */
export async function powerOff(node: string): Promise<void> {
  await useOwnEngine();
  await docker('kill', node);
}

/** Boots a node whose power was cut, and gives its pods their network again. */
export async function powerOn(node: string): Promise<void> {
  await useOwnEngine();
  await docker('start', node);
  await reconnectPods(node);
}
