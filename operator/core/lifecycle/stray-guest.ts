import type { Instance } from '#api/instance.ts';
import { type DiskClaim, isOn, spareClaimsOf } from './disk-record.ts';
import { type InstanceView, NONE, type Situation } from './situation.ts';
import { inFlightOf } from './steps.ts';

/**
 * A claim that a guest would begin with though it is not its disk: one that is being copied to, or that a move has left. The target of
 * a migration may have it, nobody else (ADR 0058).
 */
export const strayClaim = (
  instance: Pick<Instance, 'metadata' | 'status'>,
  claims: Readonly<Record<string, string>> | undefined,
): DiskClaim | undefined => spareClaimsOf(instance).find((it) => isOn(it, claims));

/**
 * KubeVirt made a guest by a template that named copies of its disks when somebody took the old one away. The gate holds it back, and it
 * is made anew with its own disks.
 */
export function strayGuest({ instance, guest }: InstanceView): Situation | undefined {
  if (guest.power !== 'starting' || guest.nodeName !== undefined) return undefined;
  const stray = strayClaim(instance, guest.disks?.claims);
  if (!stray) return undefined;
  const inFlight = inFlightOf(instance);
  const action = guest.vm && !guest.vm.deleting ? ({ kind: 'replacePod' } as const) : NONE;
  const message = `the guest was begun with PersistentVolumeClaim ${stray.claimName}, which is not its disk: it is made anew`;
  return {
    operation: inFlight?.name,
    taskState: inFlight?.taskState,
    action,
    blocked: { reason: 'VolumeInUse', message },
  };
}
