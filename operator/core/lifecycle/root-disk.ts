import type { Instance, InstanceStatus } from '#api/instance.ts';
import { type GuestView, isOver } from './guest-view.ts';
import type { InstanceView, Situation } from './situation.ts';

/** Where the root disk is, and is copied to: `status.rootDisk`. */
export type RootDiskRecord = NonNullable<InstanceStatus['rootDisk']>;
export type RootCopy = NonNullable<RootDiskRecord['copy']>;

/** What a situation makes of the record; null: it goes. */
export interface RootDiskChange {
  copy?: RootCopy | null;
  left?: string | null;
}

/** The PersistentVolumeClaim of the root disk, and the DataVolume of the same name. */
export const rootClaimOf = ({ metadata, status }: Pick<Instance, 'metadata' | 'status'>): string =>
  status?.rootDisk?.claimName ?? `${metadata.name}-root`;

/** Every claim that the root disk is on, was on, or may be copied to. */
export const rootClaimsOf = (instance: Pick<Instance, 'metadata' | 'status'>): string[] => {
  const { copy, left } = instance.status?.rootDisk ?? {};
  return [rootClaimOf(instance), copy?.claimName, left].filter((it) => it !== undefined);
};

/** Does the guest run, or did it last, on the node that it was to move to, with what was copied there as its root disk? */
export function hasMovedTo({ nodeName, claimName }: RootCopy, guest: GuestView): boolean {
  const isThere = guest.nodeName === nodeName && guest.root?.claimName === claimName;
  return isThere && (!guest.migrating || isOver(guest.power));
}

/**
 * The record once a situation is written. Where the guest is decides which of the two claims is its disk, whatever is in
 * flight by then: the one that it has left is not used again.
 */
export function rootDiskAfter(
  { instance, guest }: Pick<InstanceView, 'instance' | 'guest'>,
  { disk }: Pick<Situation, 'disk'>,
): RootDiskRecord | undefined {
  const before = instance.status?.rootDisk;
  const moved = before?.copy && hasMovedTo(before.copy, guest);
  const after = moved
    ? { claimName: before?.copy?.claimName, left: rootClaimOf(instance) }
    : { ...before, ...disk };
  const { claimName, copy, left } = after as RootDiskRecord & RootDiskChange;
  if (claimName === undefined && !copy && !left) return undefined;
  return { claimName, copy: copy ?? undefined, left: left ?? undefined }; // by name, so that what goes is given up
}
