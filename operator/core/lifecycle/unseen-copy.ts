import { claimOfDisk, type DiskClaim, type DiskCopy, diskRecordOf, isUnseen, ROOT } from './disk-record.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';
import { inFlightOf } from './steps.ts';

export const DISKS_UNKNOWN = 'DisksUnknown';

/**
 * A guest that was taken away while its disks were copied, and nobody saw whether that was done: both claims of each are kept, and
 * nothing starts, until somebody who can look into them has deleted what is not the disk (ADR 0058).
 */
export function unseenCopy(view: InstanceView): Situation | undefined {
  const { instance, guest, copyDisks = {}, lostDisks = [] } = view;
  const { copy } = diskRecordOf(instance);
  if (!copy || !isUnseen(copy, guest)) return undefined;
  if (copy.disks.some(({ claimName }) => !copyDisks[claimName]?.exists)) return undefined; // the old ones are the disks
  const inFlight = inFlightOf(instance);
  const still = { operation: inFlight?.name, taskState: inFlight?.taskState };
  if (copy.disks.every(({ name }) => lostDisks.includes(name)))
    return { ...still, action: NONE, disk: { hasMoved: true } };
  const action: Action = guest.vm?.runs ? { kind: 'haltVm' } : NONE;
  return { ...still, action, blocked: { reason: DISKS_UNKNOWN, message: whichOf(view, copy) } };
}

function whichOf({ instance }: InstanceView, { disks, nodeName }: DiskCopy): string {
  const old = disks.map(({ name }) => claimOfDisk(instance, name)).join(', ');
  const copies = disks.map(({ claimName }) => claimName).join(', ');
  return `the guest was taken away while its disks were copied to ${nodeName}, and nobody saw whether that was done: either ${copies} have what was written last, or ${old} have. Look into them, and delete the DataVolumes of the others`;
}

/** Of an Instance that is deleted: volumes that outlive it are kept with both claims; nobody is there to look any more. */
export function keptBoth({ instance, volumes }: InstanceView, copy: DiskCopy): Situation['disk'] {
  const goes = ({ name }: DiskClaim) =>
    name === ROOT || volumes.some((it) => it.name === name && it.deleteOnTermination);
  return { copy: null, left: [...diskRecordOf(instance).left, ...copy.disks.filter(goes)] };
}
