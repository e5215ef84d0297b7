import { homeOf } from '#core/claims/settle.ts';
import { recordedNodeOf } from '#core/lifecycle/resize-record.ts';
import { type Caches, instanceByUid } from '../caches.ts';

/** Node on which an Instance itself holds its claim, whether its guest runs or not. */
export function claimNodeOf(caches: Caches, instanceUid: string): string | undefined {
  const ledgers = caches.ledgers.byIndex('instance', instanceUid);
  const claimed = ledgers.filter(({ spec }) => spec.claims.some(({ uid }) => uid === instanceUid));
  const instance = instanceByUid(caches, instanceUid);
  return homeOf({
    guestNode: undefined,
    recordedNode: instance && recordedNodeOf(instance),
    claimedNodes: claimed.map(({ metadata }) => metadata.name),
  });
}
