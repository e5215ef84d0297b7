import { type GatedPod, isGated } from './pin.ts';

interface LauncherPod extends GatedPod {
  metadata: { name: string; uid: string; resourceVersion: string };
  status?: { phase?: string };
}

/**
 * Names of an Instance's other pods that may still run its guest: a new one stays gated until each of them is proven
 * over. Time that passed proves nothing.
 */
export function olderGuests(pod: LauncherPod, all: readonly LauncherPod[]): string[] {
  const over = (other: LauncherPod) =>
    other.status?.phase === 'Succeeded' || other.status?.phase === 'Failed';
  return all
    .filter((other) => other.metadata.uid !== pod.metadata.uid && !isGated(other) && !over(other))
    .map((other) => other.metadata.name);
}
