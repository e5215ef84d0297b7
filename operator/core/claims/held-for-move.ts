import type { Instance } from '#api/instance.ts';
import type { Claim } from '#api/nodeledger.ts';
import type { BuiltFlavor } from '../lifecycle/guest-size.ts';

/**
 * Is a claim one of the two that an Instance holds while it is resized or migrated, and until that is confirmed or
 * reverted? Before the new place is written down, it is known by the request that made it.
 */
export function isHeldForMove(
  { status }: Instance,
  { nodeName, requestId }: { nodeName: string; requestId?: Claim['requestId'] },
): boolean {
  const record = status?.resize;
  if (!record) return false;
  if (nodeName === record.sourceNode || nodeName === record.targetNode) return true;
  return record.targetNode === undefined && requestId === record.requestId;
}

/** The sizes that an Instance has to have room for on a node while it is resized; the claim is the larger of each figure. */
export function flavorsHeldOn({ status }: Instance, nodeName: string): BuiltFlavor[] {
  const record = status?.resize;
  if (!record) return [];
  return [
    ...(record.sourceNode === nodeName ? [record.oldFlavor] : []),
    ...(record.targetNode === nodeName ? [record.flavor] : []),
  ];
}
