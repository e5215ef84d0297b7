import { homeOf } from '#core/claims/settle.ts';
import { type Caches, instanceByUid } from '../caches.ts';

/** Node on which an Instance itself holds its claim, whether its guest runs or not. */
export function claimNodeOf(caches: Caches, instanceUid: string): string | undefined {
  const ledgers = caches.ledgers.byIndex('instance', instanceUid);
  const claimed = ledgers.filter(({ spec }) => spec.claims.some(({ uid }) => uid === instanceUid));
  return homeOf({
    guestNode: undefined,
    recordedNode: instanceByUid(caches, instanceUid)?.status?.nodeName,
    claimedNodes: claimed.map(({ metadata }) => metadata.name),
  });
}
