import { type DiskCopy, diskRecordOf, hasMovedTo, isUnseen, ROOT } from './disk-record.ts';
import { isOver } from './guest-view.ts';
import { type Action, type InstanceView, NONE, type Situation } from './situation.ts';
import { keptBoth } from './unseen-copy.ts';

/** First what was begun to be copied from its disk, then the guest, then its claim, then the Instance itself. */
export function deletion(view: InstanceView): Situation {
  const { guest, madeImage, instance } = view;
  const step = (action: Situation['action']): Situation => ({
    operation: 'Delete',
    taskState: 'Deleting',
    action,
  });
  if (madeImage && !madeImage.ready) return step({ kind: 'dropImage', requestId: madeImage.requestId });
  const { copy } = diskRecordOf(instance);
  if (copy && isUnseen(copy, guest)) return { ...step(NONE), disk: keptBoth(view, copy) };
  const first = copy && beforeDisksGo(view, copy);
  if (first) return step(first);
  if (guest.vm) return step(guest.vm.deleting ? NONE : { kind: 'deleteVm' });
  if (guest.disk?.exists) return step({ kind: 'deleteVm' });
  const gone = guest.power === 'absent' && guest.pods.length === 0;
  return step(gone ? { kind: 'finish' } : NONE);
}

/** Volumes outlive an Instance: which of two claims is one has to be known, and written down, before the guest goes, who shows it. */
function beforeDisksGo({ guest, homeLost }: InstanceView, copy: DiskCopy): Action | undefined {
  if (copy.disks.every(({ name }) => name === ROOT)) return undefined;
  if (hasMovedTo(copy, guest)) return NONE;
  if (homeLost !== undefined || isOver(guest.power) || guest.power === 'stopping') return undefined;
  const move = guest.moves.find(({ end }) => !end);
  if (move && !move.isDeleting) return { kind: 'abortMigration', name: move.name, uid: move.uid };
  return move || guest.migrating ? NONE : undefined;
}
