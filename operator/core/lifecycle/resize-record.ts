import type { Instance, InstanceStatus } from '#api/instance.ts';
import type { BuiltFlavor } from './guest-size.ts';
import type { InstanceView, Situation } from './situation.ts';

/** What a resize or cold migration goes on from, and goes back to, whatever happens to the operator: `status.resize`. */
export type ResizeRecord = NonNullable<InstanceStatus['resize']>;

/** The record as an operation begins, while the guest is as it was. */
export function recordOf(
  { instance: { status }, guest, claimNode }: InstanceView,
  flavor: BuiltFlavor | undefined,
  {
    requestId,
    wantedNode,
    ran,
    live,
  }: { requestId: string; wantedNode?: string | undefined; ran?: boolean; live?: boolean },
): ResizeRecord | undefined {
  if (!flavor || !status?.flavor || claimNode === undefined) return undefined;
  return {
    requestId,
    flavor,
    oldFlavor: status.flavor,
    sourceNode: claimNode,
    ran: ran ?? guest.power === 'running',
    moved: false,
    ...(wantedNode !== undefined && { wantedNode }),
    ...(live && { live }),
    ...(status.placement && { oldPlacement: status.placement }),
  };
}

/** The record once a situation is written; undefined: there is none any more. */
export function recordAfter({ status }: Instance, { record }: Situation): ResizeRecord | undefined {
  if (record === undefined) return status?.resize;
  if (record === null) return undefined;
  return { ...status?.resize, ...record } as ResizeRecord;
}

/** Node that the guest belongs on while its move is under way; undefined: none is, the guest itself shows it. */
export function nodeOfMove(record: ResizeRecord | undefined): string | undefined {
  if (!record || record.live || record.finishTime !== undefined) return undefined;
  return record.moved ? record.targetNode : record.sourceNode;
}

/** Node that the status says the guest belongs on. */
export const recordedNodeOf = ({ status }: Instance): string | undefined =>
  nodeOfMove(status?.resize) ?? status?.nodeName;

/** Is it the size alone that stays: a cold migration? */
export const isSameSize = ({ flavor, oldFlavor }: ResizeRecord): boolean => flavor.name === oldFlavor.name;
